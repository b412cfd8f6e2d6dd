package dev.quern.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The bindings of NCCL as far as they go without GPUs. Runs where the loader finds the library:
 * {@code LD_LIBRARY_PATH} names the folder {@code nvidia/nccl/lib} of the Python package {@code
 * nvidia-nccl-cu13}.
 */
class NcclTest {
  @BeforeAll
  static void library() {
    try {
      NativeLibrary.open(List.of("libnccl.so.2"));
    } catch (NativeLibraryException missing) {
      assumeTrue(false, "LD_LIBRARY_PATH names no folder with NCCL: " + missing.getMessage());
    }
  }

  @Test
  void theVersionIsOneThatHasAllThatIsBound() {
    assertTrue(Nccl.version() >= 21_300, () -> "version " + Nccl.version());
  }

  @Test
  void anErrorHasCodeNameTextAndCall() {
    NcclException e =
        assertThrows(NcclException.class, () -> Nccl.allReduceSum(0, 0, 1, Nccl.FLOAT32, 0, 0));
    assertEquals(4, e.code());
    assertTrue(
        e.getMessage()
            .startsWith("ncclAllReduce failed: ncclInvalidArgument (4): invalid argument"),
        e.getMessage());
  }

  @Test
  void aGroupEndsAfterACallThatFails() {
    for (int i = 0; i < 2; i++) {
      NcclException e =
          assertThrows(
              NcclException.class,
              () -> Nccl.group(() -> Nccl.allGather(0, 0, 1, Nccl.BFLOAT16, 0, 0)));
      assertTrue(e.getMessage().startsWith("ncclAllGather failed: "), e.getMessage());
    }
    Nccl.group(() -> {});
  }

  @Test
  void aWrongNumberOfGpusIsAnError() {
    NcclException e = assertThrows(NcclException.class, () -> Nccl.commInitAll(-1));
    assertTrue(e.getMessage().startsWith("ncclCommInitAll failed: "), e.getMessage());
  }
}
