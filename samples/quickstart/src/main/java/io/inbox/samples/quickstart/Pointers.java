package io.inbox.samples.quickstart;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Where in a webhook the parts are that matter, as JSON pointers.
 *
 * @param id the message id
 * @param time when it happened
 * @param account whose balance changes
 * @param amount by how much; empty to count, one for each webhook
 */
record Pointers(String id, String time, String account, String amount) {
  static final Pointers PAYMENTS = new Pointers("/id", "/created", "/account", "/amount");

  boolean counting() {
    return amount.isEmpty();
  }

  void write(DataOutputStream out) throws IOException {
    out.writeUTF(id);
    out.writeUTF(time);
    out.writeUTF(account);
    out.writeUTF(amount);
  }

  static Pointers read(DataInputStream in) throws IOException {
    return new Pointers(in.readUTF(), in.readUTF(), in.readUTF(), in.readUTF());
  }
}
