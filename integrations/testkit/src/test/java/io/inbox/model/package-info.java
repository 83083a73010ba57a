/** The protocols as small models, explored state by state, and the engine under a scheduler. */
@NullMarked
package io.inbox.model;

import org.jspecify.annotations.NullMarked;
