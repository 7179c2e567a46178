// What does a room's user get through the JDBC driver? One line for each question: name, tab, answer. Run by java itself, from source.
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;

public class Room {
  private static Connection connection;

  private interface Question {
    Object ask() throws Exception;
  }

  private static void answer(String name, Question question) {
    String text;
    try {
      text = String.valueOf(question.ask());
    } catch (Exception error) {
      int code = error instanceof SQLException sql ? sql.getErrorCode() : 0;
      text = "refused " + code + " " + String.valueOf(error.getMessage()).replaceAll("\\s+", " ");
    }
    System.out.println(name + "\t" + text);
  }

  private static List<String> column(ResultSet rows, String label) throws SQLException {
    List<String> values = new ArrayList<>();
    try (rows) {
      while (rows.next()) values.add(rows.getString(label));
    }
    return values;
  }

  private static String first(String sql) throws SQLException {
    try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static int update(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Properties login = new Properties();
    login.setProperty("user", System.getenv("ROOM_USER"));
    login.setProperty("password", System.getenv("ROOM_PASSWORD"));
    connection = DriverManager.getConnection(System.getenv("ROOM_URL"), login);
    answer("version", () -> connection.getMetaData().getDriverVersion());
    answer("parameters", () -> {
      String sql = "SELECT count() FROM events WHERE region_code = ? AND _stream = ? AND score < ?";
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        statement.setString(1, "32");
        statement.setString(2, "seed");
        statement.setInt(3, 101);
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          return rows.getLong(1);
        }
      }
    });
    answer("rows", () -> {
      int seen = 0;
      TreeSet<String> places = new TreeSet<>();
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT event_id, timestamp, score, region_code, owner, tags, fields FROM events WHERE _stream = 'seed' LIMIT 100000")) {
        while (rows.next()) {
          if (rows.getString("event_id").isEmpty() || rows.getTimestamp("timestamp") == null) throw new IllegalStateException("empty row");
          places.add(rows.getString("region_code") + "|" + rows.getString("owner"));
          seen += 1;
        }
      }
      return seen + " " + places;
    });
    answer("mistake", () -> first("SELECT no_such_column FROM events"));
    answer("insert", () -> update("INSERT INTO verdicts (verdict_id) VALUES ('x')"));
    answer("create", () -> update("CREATE TABLE t (a UInt8) ENGINE = Memory"));
    answer("delete", () -> update("ALTER TABLE events DELETE WHERE 1"));
    answer("internal", () -> first("SELECT count() FROM streams"));
    answer("elsewhere", () -> first("SELECT count() FROM events WHERE region_code IN ('31', '31.74', '00', '') OR owner = 'bawaslu'"));
    answer("limit", () -> first("SELECT 1 SETTINGS max_execution_time = 20, log_comment = 'Dewi'"));
    answer("beyond", () -> first("SELECT 1 SETTINGS max_execution_time = 3600"));
    // What DBeaver and reporting tools ask for their trees.
    answer("databases", () -> column(connection.getMetaData().getSchemas(), "TABLE_SCHEM"));
    answer("tables", () -> column(connection.getMetaData().getTables(null, "siaga", "%", null), "TABLE_NAME"));
    answer("columns", () -> column(connection.getMetaData().getColumns(null, "siaga", "alerts", "%"), "COLUMN_NAME"));
    connection.close();
  }
}
