package io.inbox.torture.worker;

import io.inbox.torture.wire.Order;
import io.inbox.torture.wire.Saying;
import io.inbox.torture.wire.Setting;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;

/** The worker's end of its connection to the driver. What is said is sent at once. */
final class Lines implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  Lines(int port, int number) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    out.writeInt(number);
    out.flush();
  }

  Setting setting() throws IOException {
    return Setting.read(in);
  }

  Order next() throws IOException {
    return Order.read(in);
  }

  void say(Saying saying) {
    synchronized (out) {
      try {
        Saying.write(saying, out);
        out.flush();
      } catch (IOException e) {
        throw new UncheckedIOException("the driver is gone", e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
