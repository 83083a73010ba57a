// What a snippet of statements in the documents is put into: its own imports and its other lines replace the
// two comments in capitals. These imports also serve snippets that declare types and import nothing themselves.
import io.inbox.*;
import io.inbox.error.*;
import io.inbox.jdbc.*;
import io.inbox.migrations.*;
import io.inbox.outbox.*;
import io.inbox.postgres.*;
import io.inbox.reconciler.*;
import io.inbox.spi.*;
import java.sql.*;
import java.time.*;
import java.util.*;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

//IMPORTS

/** The variables and methods that every snippet may use as if it had declared them. */
class Snippet {

  /** One arrival of a message, as a client of a broker hands it over. */
  interface Delivery {
    String id();

    byte[] payload();

    void acknowledge();

    void deliverAgainIn(Duration wait);
  }

  DataSource dataSource;
  DSLContext dsl;
  Connection connection;
  Inbox inbox;
  Message message;
  List<Message> messages;
  Handler handler;
  Delivery delivery;
  String id;
  byte[] payload;
  Publisher publisher;

  /** The business write of the examples. */
  void book(Connection connection, byte[] payload) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO booking (payload) VALUES (?)")) {
      insert.setBytes(1, payload);
      insert.executeUpdate();
    }
  }

  void snippet() throws Exception {
    //BODY
  }
}
