package dev.quern.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** One opened shared library; binds its functions by name and number of arguments. */
final class NativeLibrary {
  private final String name;
  private final SymbolLookup symbols;

  private NativeLibrary(String name, SymbolLookup symbols) {
    this.name = name;
    this.symbols = symbols;
  }

  /**
   * Opens the first of the names that the system's loader finds.
   *
   * @throws NativeLibraryException when it finds none
   */
  static NativeLibrary open(List<String> names) {
    for (String name : names) {
      try {
        return new NativeLibrary(name, SymbolLookup.libraryLookup(name, Arena.global()));
      } catch (IllegalArgumentException notFound) {
        // the next name
      }
    }
    throw new NativeLibraryException("cannot open " + String.join(" or ", names));
  }

  String name() {
    return name;
  }

  /** A function that must be there. */
  MethodHandle bind(String function, int arguments) {
    return optional(function, arguments).orElseThrow(() -> missing(function));
  }

  /** A function that must be there and returns a pointer, as {@code long f(long, …)}. */
  MethodHandle bindPointer(String function, int arguments) {
    return symbols
        .find(function)
        .map(address -> handle(address, JAVA_LONG, arguments))
        .orElseThrow(() -> missing(function));
  }

  /** A function that older versions lack. */
  Optional<MethodHandle> optional(String function, int arguments) {
    return symbols.find(function).map(address -> handle(address, JAVA_INT, arguments));
  }

  private NativeLibraryException missing(String function) {
    return new NativeLibraryException(name + " has no function " + function);
  }

  private static MethodHandle handle(MemorySegment address, MemoryLayout result, int arguments) {
    MemoryLayout[] longs = new MemoryLayout[arguments];
    Arrays.fill(longs, JAVA_LONG);
    return Linker.nativeLinker().downcallHandle(address, FunctionDescriptor.of(result, longs));
  }
}
