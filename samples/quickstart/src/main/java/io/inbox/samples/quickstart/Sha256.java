package io.inbox.samples.quickstart;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, which every JVM has. */
final class Sha256 {
  private final MessageDigest digest = fresh();

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(fresh().digest(bytes));
  }

  /** Adds a line to what is digested. */
  void add(byte[] line) {
    digest.update(line);
    digest.update((byte) '\n');
  }

  /** Returns the digest of the lines so far; more may follow. */
  String hex() {
    try {
      return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256 of the JDK can be cloned", e);
    }
  }

  private static MessageDigest fresh() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
