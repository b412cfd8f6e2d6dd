package dev.quern.backend.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What this build's kernels were made by and for; {@code native/build} writes it beside them.
 *
 * @param version of the CUDA toolkit, such as {@code 13.0}
 * @param architectures such as {@code 90a}: machine code for these alone, no PTX
 */
record Toolkit(String version, List<String> architectures) {
  private static final String RESOURCE = KernelModule.RESOURCE + ".toolkit";

  /** Drivers of a major version run the code of every toolkit of that version. */
  private static final int FIRST_DRIVER_OF_13 = 580;

  private static final int FIRST_DRIVER_OF_12 = 525;

  /** Of the embedded kernels; null where there are none. */
  static Toolkit embedded() {
    try (InputStream in = Toolkit.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      return in == null
          ? null
          : parse(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Toolkit parse(String line) {
    List<String> words = List.of(line.split("\\s+"));
    return new Toolkit(words.getFirst(), words.subList(1, words.size()));
  }

  /**
   * Why a driver cannot run these kernels, or null where it can.
   *
   * @param driver the CUDA version it supports, such as 12020
   */
  String refusedBy(int driver) {
    int major = Integer.parseInt(version.substring(0, version.indexOf('.')));
    if (driver / 1000 >= major) {
      return null;
    }
    return ("the NVIDIA driver is too old for this build's kernels: it supports CUDA %d.%d, and the"
            + " toolkit that made them was %s, which needs a driver %d or newer; update the driver,"
            + " or build with an older toolkit (./mvnw package -Dquern.nvcc=...)")
        .formatted(
            driver / 1000,
            driver % 1000 / 10,
            version,
            major >= 13 ? FIRST_DRIVER_OF_13 : FIRST_DRIVER_OF_12);
  }

  /** Why a device of this compute capability has no code among these kernels, or null. */
  String lacksCodeFor(int major, int minor) {
    int capability = 10 * major + minor;
    for (String architecture : architectures) {
      boolean exact = architecture.endsWith("a");
      int made =
          Integer.parseInt(
              exact ? architecture.substring(0, architecture.length() - 1) : architecture);
      // Code of one major version runs on later minor ones, unless it is for one architecture
      // alone.
      if (made == capability || !exact && made / 10 == major && made < capability) {
        return null;
      }
    }
    return "the GPU is of compute capability %d.%d, and this build's kernels are for sm_%s; build with -Dquern.cuda.architectures=%d"
        .formatted(major, minor, String.join(", sm_", architectures), capability);
  }
}
