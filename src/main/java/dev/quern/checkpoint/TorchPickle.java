package dev.quern.checkpoint;

import dev.quern.checkpoint.TorchValue.Big;
import dev.quern.checkpoint.TorchValue.Bool;
import dev.quern.checkpoint.TorchValue.Dict;
import dev.quern.checkpoint.TorchValue.Global;
import dev.quern.checkpoint.TorchValue.Int;
import dev.quern.checkpoint.TorchValue.Items;
import dev.quern.checkpoint.TorchValue.None;
import dev.quern.checkpoint.TorchValue.Real;
import dev.quern.checkpoint.TorchValue.Tensor;
import dev.quern.checkpoint.TorchValue.Text;
import dev.quern.checkpoint.TorchValue.Tuple;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads one pickle of those that torch writes (protocol 2) without being able to do more than build
 * tensors.
 *
 * <p>A pickle is a program for a stack machine that can import and call anything. This machine
 * knows the instructions that torch's own files use, the names of {@link TorchGlobals} and no
 * others. The number of instructions and the size of the program are limited, keys of dicts are
 * plain values, and nothing here recurses into values, so that neither memory nor stack can be
 * exhausted.
 *
 * <p>Source: Python's pickletools documentation and torch's weights-only loading.
 */
final class TorchPickle {
  static final int MAX_BYTES = 32 << 20;
  private static final int MAX_INSTRUCTIONS = 1_000_000;

  private final MemorySegment program;
  private long at;
  private List<TorchValue> stack = new ArrayList<>();
  private final List<List<TorchValue>> marked = new ArrayList<>();
  private final Map<Integer, TorchValue> memo = new HashMap<>();

  /** What a pickle says and where the next one begins. */
  record Result(TorchValue value, long end) {}

  private TorchPickle(MemorySegment program, long at) {
    this.program = program;
    this.at = at;
  }

  /**
   * @param program holds the pickle from {@code at} on
   * @throws PickleException when it is broken or wants anything but tensors
   */
  static Result read(MemorySegment program, long at) throws PickleException {
    MemorySegment limited = program.asSlice(0, Math.min(program.byteSize(), at + MAX_BYTES));
    TorchPickle machine = new TorchPickle(limited, at);
    try {
      return machine.run();
    } catch (IndexOutOfBoundsException e) {
      throw new PickleException("its pickle is cut off or longer than " + MAX_BYTES + " bytes");
    }
  }

  private Result run() throws PickleException {
    for (int n = 0; n < MAX_INSTRUCTIONS; n++) {
      int instruction = unsigned();
      if (instruction == '.') return new Result(pop(), at);
      step(instruction);
    }
    throw new PickleException("its pickle has more than " + MAX_INSTRUCTIONS + " instructions");
  }

  private void step(int instruction) throws PickleException {
    switch (instruction) {
      case 0x80 -> protocol(unsigned());
      case 'c' -> push(TorchGlobals.named(line(), line()));
      case 'R' -> reduce();
      case 'b' -> build();
      case 'Q' -> push(TorchGlobals.storage(pop()));
      case '(' -> {
        marked.add(stack);
        stack = new ArrayList<>();
      }
      case 't' -> push(new Tuple(sinceMark()));
      case ')' -> push(new Tuple(List.of()));
      case 0x85 -> push(new Tuple(List.of(pop())));
      case 0x86 -> tuple(2);
      case 0x87 -> tuple(3);
      case ']' -> push(new Items(new ArrayList<>()));
      case '}' -> push(new Dict(new LinkedHashMap<>()));
      case 'a' -> {
        TorchValue item = pop();
        TorchGlobals.as(Items.class, top(), "what is appended to").items().add(item);
      }
      case 'e' -> {
        List<TorchValue> items = sinceMark();
        TorchGlobals.as(Items.class, top(), "what is appended to").items().addAll(items);
      }
      case 's' -> {
        TorchValue value = pop();
        put(pop(), value, dict());
      }
      case 'u' -> {
        List<TorchValue> pairs = sinceMark();
        if (pairs.size() % 2 != 0) throw new PickleException("a key without a value");
        for (int i = 0; i < pairs.size(); i += 2) put(pairs.get(i), pairs.get(i + 1), dict());
      }
      case 'N' -> push(None.NONE);
      case 0x88 -> push(new Bool(true));
      case 0x89 -> push(new Bool(false));
      case 'J' -> push(new Int(take(4).getInt()));
      case 'K' -> push(new Int(unsigned()));
      case 'M' -> push(new Int(take(2).getShort() & 0xffff));
      case 0x8a -> push(integer(unsigned()));
      case 'G' -> push(new Real(take(8).order(ByteOrder.BIG_ENDIAN).getDouble()));
      case 'X' -> push(new Text(text(take(length()))));
      case 'q' -> memo.put(unsigned(), top());
      case 'r' -> memo.put(index(), top());
      case 'h' -> push(remembered(unsigned()));
      case 'j' -> push(remembered(index()));
      default ->
          throw new PickleException(
              "it holds the instruction 0x%02x at byte %d, which no checkpoint of torch needs"
                  .formatted(instruction, at - 1));
    }
  }

  private static void protocol(int version) throws PickleException {
    if (version != 2) throw new PickleException("its pickle is of protocol " + version + ", not 2");
  }

  private void reduce() throws PickleException {
    Tuple arguments = TorchGlobals.as(Tuple.class, pop(), "what a call is given");
    Global function = TorchGlobals.as(Global.class, pop(), "what is called");
    push(TorchGlobals.call(function, arguments));
  }

  /** A state dict's {@code _metadata} and attributes of tensors; they say nothing about weights. */
  private void build() throws PickleException {
    pop();
    if (!(top() instanceof Dict) && !(top() instanceof Tensor))
      throw new PickleException("it sets the state of a " + top().getClass().getSimpleName());
  }

  private void tuple(int count) throws PickleException {
    if (stack.size() < count) throw new PickleException("it takes from an empty stack");
    List<TorchValue> end = stack.subList(stack.size() - count, stack.size());
    Tuple tuple = new Tuple(List.copyOf(end));
    end.clear();
    push(tuple);
  }

  private Dict dict() throws PickleException {
    return TorchGlobals.as(Dict.class, top(), "what gets a key");
  }

  private static void put(TorchValue key, TorchValue value, Dict dict) throws PickleException {
    switch (key) {
      case Text t -> dict.entries().put(t, value);
      case Int i -> dict.entries().put(i, value);
      case Bool b -> dict.entries().put(b, value);
      case None n -> dict.entries().put(n, value);
      default ->
          throw new PickleException("a " + key.getClass().getSimpleName() + " as a key of a dict");
    }
  }

  private TorchValue integer(int bytes) {
    byte[] littleEndian = new byte[bytes];
    take(bytes).get(littleEndian);
    byte[] bigEndian = new byte[bytes + 1];
    for (int i = 0; i < bytes; i++) bigEndian[bytes - i] = littleEndian[i];
    if (bytes > 0 && littleEndian[bytes - 1] < 0) bigEndian[0] = -1;
    BigInteger value = new BigInteger(bigEndian);
    return value.bitLength() < 64 ? new Int(value.longValueExact()) : new Big(value);
  }

  private TorchValue remembered(int index) throws PickleException {
    TorchValue value = memo.get(index);
    if (value == null) throw new PickleException("it recalls " + index + ", which is not stored");
    return value;
  }

  private int index() throws PickleException {
    int index = take(4).getInt();
    if (index < 0) throw new PickleException("it stores at " + index);
    return index;
  }

  private List<TorchValue> sinceMark() throws PickleException {
    if (marked.isEmpty()) throw new PickleException("it goes back to a mark that is not there");
    List<TorchValue> values = stack;
    stack = marked.removeLast();
    return values;
  }

  private void push(TorchValue value) {
    stack.add(value);
  }

  private TorchValue pop() throws PickleException {
    if (stack.isEmpty()) throw new PickleException("it takes from an empty stack");
    return stack.removeLast();
  }

  private TorchValue top() throws PickleException {
    if (stack.isEmpty()) throw new PickleException("it takes from an empty stack");
    return stack.getLast();
  }

  private int unsigned() {
    return program.get(ValueLayout.JAVA_BYTE, at++) & 0xff;
  }

  private int length() throws PickleException {
    int length = take(4).getInt();
    if (length < 0 || length > program.byteSize() - at)
      throw new PickleException("its pickle is cut off in a text");
    return length;
  }

  private ByteBuffer take(int bytes) {
    ByteBuffer taken = program.asSlice(at, bytes).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    at += bytes;
    return taken;
  }

  private static String text(ByteBuffer utf8) throws PickleException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new PickleException("it holds a text that is not valid UTF-8");
    }
  }

  private String line() throws PickleException {
    long start = at;
    while (unsigned() != '\n') {
      if (at - start > 1000) throw new PickleException("it imports an endless name");
    }
    return text(
        program.asSlice(start, at - 1 - start).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN));
  }
}
