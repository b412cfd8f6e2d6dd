package dev.quern;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Prints why a test is skipped, since the build's own report leaves it out. */
public final class SkipReasons implements TestExecutionListener {
  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    print(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    if (result.getStatus() == Status.ABORTED)
      print(test, result.getThrowable().map(Throwable::getMessage).orElse("no reason given"));
  }

  private static void print(TestIdentifier test, String reason) {
    String name =
        switch (test.getSource().orElse(null)) {
          case MethodSource one -> one.getJavaClass().getSimpleName() + "." + one.getMethodName();
          case ClassSource all -> all.getJavaClass().getSimpleName();
          case null, default -> test.getDisplayName();
        };
    System.out.println("skipped: " + name + ": " + reason.replaceFirst("^Assumption failed: ", ""));
  }
}
