package dev.quern.batch.store;

import dev.quern.batch.store.RecordScanner.Found;
import java.io.IOException;
import java.io.InputStream;

/** Brings the index into agreement with the results, whatever the last attempt left of both. */
final class LogRecovery {
  private LogRecovery() {}

  /**
   * Opens the log, cuts off a torn last line and takes into the index what it does not know yet:
   * the log's end, or all of it where the two do not match.
   */
  static LogFile openLog(Disk disk, JobFiles files, Ledger ledger) throws IOException {
    LogFile log = new LogFile(disk, files.log());
    try {
      LineIndex.Head head = ledger.index().head();
      long covered = head.coveredBytes();
      boolean matches = covered <= log.bytes() && log.checkAt(covered) == head.logCheck();
      if (!matches) covered = 0;
      // Entries that no head vouches for may be another log's.
      if (covered == 0) ledger.clear();
      // A killed process leaves lines that are not durable, and an entry must not outlive its line.
      if (covered < log.bytes()) log.sync();
      try (InputStream in = disk.read(files.log(), covered)) {
        log.cutTo(scan(in, covered, ledger));
      }
      if (covered == 0 && log.bytes() > 0) {
        // Reading it all takes a while: not twice.
        ledger.checkpoint(log, Frontier.START);
      }
      return log;
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
  }

  /** A complete output whose index went away. */
  static void scanComplete(Disk disk, JobFiles files, Ledger ledger) throws IOException {
    ledger.clear();
    try (InputStream in = Packing.of(files.output()).unpack(disk.read(files.output(), 0))) {
      scan(in, 0, ledger);
    }
  }

  /** Returns where the last whole line ends. */
  private static long scan(InputStream in, long from, Ledger ledger) throws IOException {
    RecordScanner scanner = new RecordScanner(in, from);
    Found found = scanner.next();
    boolean any = found != null;
    for (; found != null; found = scanner.next()) ledger.replay(found);
    if (any) ledger.recount();
    return scanner.wholeBytes();
  }
}
