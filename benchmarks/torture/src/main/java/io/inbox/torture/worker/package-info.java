/**
 * The process under test: the library, a business, and nothing that matters beyond its database.
 */
@NullMarked
package io.inbox.torture.worker;

import org.jspecify.annotations.NullMarked;
