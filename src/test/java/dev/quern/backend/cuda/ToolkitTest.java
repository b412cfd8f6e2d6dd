package dev.quern.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ToolkitTest {
  @Test
  void namesADriverThatIsTooOld() {
    Toolkit toolkit = Toolkit.parse("13.0 80 90a 120");
    assertNull(toolkit.refusedBy(13000));
    assertNull(toolkit.refusedBy(13010));
    String reason = toolkit.refusedBy(12020);
    assertTrue(
        reason.contains("12.2") && reason.contains("13.0") && reason.contains("580"), reason);
    assertNull(Toolkit.parse("12.8 80").refusedBy(12020));
  }

  @Test
  void knowsWhichDevicesItsCodeRunsOn() {
    Toolkit toolkit = Toolkit.parse("13.0 80 90a 120");
    assertNull(toolkit.lacksCodeFor(8, 0));
    assertNull(toolkit.lacksCodeFor(8, 9));
    assertNull(toolkit.lacksCodeFor(9, 0));
    assertNull(toolkit.lacksCodeFor(12, 1));
    assertNotNull(toolkit.lacksCodeFor(7, 5));
    String reason = toolkit.lacksCodeFor(10, 0);
    assertTrue(reason.contains("10.0") && reason.contains("sm_90a"), reason);
  }
}
