import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyManager;

/** JDBC: CopyManager, as a whole and piece by piece. */
public class JdbcClient {
    private static final int[] SIZES = {1, 7, 1000, 33, 8191};

    private static Connection connection;
    private static CopyManager manager;
    private static byte[] content;

    /** A stream that gives less than it is asked for. */
    private static class Pieces extends InputStream {
        private final byte[] data;
        private int at, turn;

        Pieces(byte[] data) {
            this.data = data;
        }

        @Override
        public int read() {
            return at < data.length ? data[at++] & 0xFF : -1;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (at == data.length) return -1;
            int count = Math.min(Math.min(length, SIZES[turn++ % SIZES.length]), data.length - at);
            System.arraycopy(data, at, buffer, offset, count);
            at += count;
            return count;
        }
    }

    private static String env(String name) {
        return System.getenv("RECON_" + name);
    }

    private static String copyInto(String source) {
        return "COPY recon.inbox FROM STDIN WITH (FORMAT csv, SOURCE '" + source + "')";
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/"
                + System.getenv("PGDATABASE"), System.getenv("PGUSER"), "");
    }

    private static void check(String what, boolean condition) {
        System.out.println((condition ? "ok - " : "not ok - ") + what);
    }

    private static void stillUsable(String what) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery("SELECT 42")) {
            check(what + ": the connection goes on", rows.next() && rows.getInt(1) == 42);
        }
    }

    private static void load() throws SQLException, IOException {
        check("load: the count", manager.copyIn(copyInto(env("SOURCE")), new Pieces(content)) == Long.parseLong(env("TAG").split(" ")[1]));
    }

    private static void error() throws SQLException, IOException {
        try {
            CopyIn copy = manager.copyIn(copyInto(env("BROKEN")));
            for (int i = 0; i < 200; ++i) copy.writeToCopy(content, 0, content.length);
            copy.endCopy();
            check("error in mid-stream", false);
        } catch (SQLException failure) {
            check("error in mid-stream", failure.getSQLState().equals("42703"));
        }
        stillUsable("error");
    }

    private static void abort() throws SQLException {
        CopyIn copy = manager.copyIn(copyInto(env("SOURCE")));
        copy.writeToCopy(content, 0, 100);
        copy.cancelCopy();
        check("abort by the client", !copy.isActive());
        stillUsable("abort");
    }

    private static void cancel() throws SQLException {
        CopyIn copy = manager.copyIn(copyInto(env("SOURCE")));
        copy.writeToCopy(content, 0, 100);
        copy.flushCopy();
        try (Connection other = connect(); Statement statement = other.createStatement()) {
            statement.execute("SELECT pg_cancel_backend(" + ((PGConnection) connection).getBackendPID() + ")");
        }
        try {
            for (int i = 0; i < 200; ++i) copy.writeToCopy(content, 0, content.length);
            copy.endCopy();
            check("cancel", false);
        } catch (SQLException failure) {
            check("cancel", failure.getSQLState().equals("57014"));
        }
        stillUsable("cancel");
    }

    private static void transaction() throws SQLException {
        connection.setAutoCommit(false);
        CopyIn copy = manager.copyIn(copyInto(env("SOURCE")).replace(")", ", FORCE)"));
        byte[] row = "external_id,amount,reference\nundone,1,\n".getBytes(StandardCharsets.UTF_8);
        copy.writeToCopy(row, 0, row.length);
        check("in a transaction", copy.endCopy() == 1);
        connection.rollback();
        connection.setAutoCommit(true);
    }

    public static void main(String[] args) throws Exception {
        content = Files.readAllBytes(Path.of(env("FILE")));
        connection = connect();
        manager = connection.unwrap(PGConnection.class).getCopyAPI();
        load();
        error();
        abort();
        cancel();
        transaction();
        connection.close();
    }
}
