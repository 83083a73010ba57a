package io.inbox.torture.worker;

import io.inbox.outbox.OutboxMessage;
import io.inbox.outbox.PublishResult;
import io.inbox.outbox.Publisher;
import io.inbox.testkit.fault.FaultPoint;
import io.inbox.testkit.fault.FaultPoints.Observer;
import io.inbox.torture.wire.Parcel;
import io.inbox.torture.wire.Parcel.Receipt;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Publishes to the receiver in the driver, and waits until it has written everything down. */
final class ToReceiver implements Publisher {
  private final Map<Thread, Line> lines = new ConcurrentHashMap<>();
  private final int worker;
  private final int port;
  private final Observer observer;

  ToReceiver(int worker, int port, Observer observer) {
    this.worker = worker;
    this.port = port;
    this.observer = observer;
  }

  @Override
  public List<PublishResult> publish(List<OutboxMessage> batch) throws Exception {
    observer.reached(FaultPoint.R1_READ, null);
    List<Parcel> parcels = new ArrayList<>(batch.size());
    for (OutboxMessage message : batch) {
      String lane = message.tenant() + "|" + message.topic() + "|" + message.key().orElse("");
      parcels.add(Parcel.of(lane, message.payload()));
    }
    @Nullable Line line = lines.get(Thread.currentThread());
    if (line == null) {
      line = new Line();
      lines.put(Thread.currentThread(), line);
    }
    try {
      return line.send(parcels);
    } catch (IOException e) {
      lines.remove(Thread.currentThread());
      line.socket.close();
      throw e;
    }
  }

  @Override
  public void close() {
    // The connections end with their threads' process.
  }

  /** One thread's connection. */
  private final class Line {
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    Line() throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setTcpNoDelay(true);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
      out.writeInt(worker);
    }

    List<PublishResult> send(List<Parcel> parcels) throws Exception {
      Parcel.write(parcels, out);
      observer.reached(FaultPoint.R2_SENT, null);
      List<PublishResult> results = new ArrayList<>(parcels.size());
      for (int i = 0; i < parcels.size(); i++) {
        results.add(
            switch (Receipt.valueOf(in.readUTF())) {
              case SENT -> PublishResult.sent();
              case SKIPPED -> PublishResult.skipped();
              case FAILED -> PublishResult.failed("told to fail");
              case UNAVAILABLE -> PublishResult.unavailable("told to be away");
            });
      }
      return results;
    }
  }
}
