// What a snippet of statements in the documents is put into: its own imports and its other lines replace the
// two comments in capitals. These imports also serve snippets that declare types and import nothing themselves.
import java.sql.*;
import java.time.*;
import java.util.*;
import javax.sql.DataSource;

//IMPORTS

/** The variables that every snippet may use as if it had declared them. */
abstract class Snippet {

  DataSource dataSource;
  Connection connection;

  void snippet() throws Exception {
    //BODY
  }
}
