package dev.quern.batch.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.batch.store.SimDisk.Killed;
import dev.quern.batch.store.SimDisk.Trouble;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A lock that is a plain file. */
@Timeout(60)
class LeaseTest {
  static final Path FILE = Path.of("/bucket/out/lease-00000-of-00001");
  private static final long LONG_MILLIS = 600_000;

  private final SimDisk objects = new SimDisk(1);
  private final ObjectDisk disk = new ObjectDisk(objects);

  private static String[] parts(SimDisk objects) throws IOException {
    return new String(objects.read(FILE, 0).readAllBytes(), StandardCharsets.UTF_8).split("\n");
  }

  /** As if its holder had been cut off until now. */
  static void expire(SimDisk objects) throws IOException {
    String[] parts = parts(objects);
    try (OutputStream out = objects.create(FILE)) {
      out.write(
          "%s\n%s\n%d\n"
              .formatted(parts[0], parts[1], System.currentTimeMillis() - 1)
              .getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void aHolderThatWasCutOffFindsOutBeforeItGoesOn() throws IOException {
    Lease first = Lease.take(disk, FILE, "first", LONG_MILLIS);
    first.confirm();
    expire(objects);
    try (Lease second = Lease.take(disk, FILE, "second", LONG_MILLIS)) {
      IOException lost = assertThrows(IOException.class, first::confirm);
      assertEquals("the output's lease was lost to second", lost.getMessage());
      assertThrows(IOException.class, first::require);
      second.confirm();
    }
  }

  @Test
  void whoLostItDoesNotGiveItBack() throws IOException {
    Lease first = Lease.take(disk, FILE, "first", LONG_MILLIS);
    expire(objects);
    try (Lease second = Lease.take(disk, FILE, "second", LONG_MILLIS)) {
      first.close();
      assertEquals("second", parts(objects)[1]);
      second.confirm();
    }
    assertEquals(-1, objects.size(FILE));
  }

  /** Half a lease would be nobody's. */
  @Test
  void aRenewalThatIsKilledLeavesTheLeaseWhole() throws IOException {
    int killed = 0;
    for (boolean done = false; !done; ) {
      Lease lease = Lease.take(disk, FILE, "me", LONG_MILLIS);
      expire(objects);
      objects.failAt(++killed, Trouble.KILL);
      try {
        lease.confirm();
        done = true;
      } catch (Killed e) {
        objects.restart();
      }
      assertEquals(3, parts(objects).length, "killed at change " + killed);
      objects.restart();
      lease.close();
    }
    assertTrue(killed > 3, killed + " changes");
  }

  @Test
  void aPlaceThatDoesNotAnswerForAMomentLosesNothing() throws Exception {
    try (Lease lease = Lease.take(disk, FILE, "me", 3000)) {
      long until = Long.parseLong(parts(objects)[2]);
      objects.failAt(1, Trouble.FULL);
      while (!objects.failed()) Thread.sleep(5);
      objects.restart();
      while (Long.parseLong(parts(objects)[2]) == until) {
        lease.require();
        Thread.sleep(5);
      }
      lease.confirm();
    }
  }
}
