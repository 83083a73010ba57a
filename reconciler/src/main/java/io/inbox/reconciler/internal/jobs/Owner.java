package io.inbox.reconciler.internal.jobs;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What this process is called where others look. */
public final class Owner {
  /** Host and process. */
  public static final String OF_THIS_PROCESS = host() + "/" + ProcessHandle.current().pid();

  private Owner() {}

  private static String host() {
    try {
      String name = InetAddress.getLocalHost().getHostName();
      return name.length() > 100 ? name.substring(0, 100) : name;
    } catch (UnknownHostException e) {
      return "unknown-host";
    }
  }
}
