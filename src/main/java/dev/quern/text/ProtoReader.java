package dev.quern.text;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Fields of one protobuf message, one after the other; fields that the caller does not take are
 * skipped. Every length is checked against the bytes that are left, so a broken file costs no
 * memory.
 *
 * <p>Source: the wire format of Protocol Buffers. Groups, which SentencePiece never writes, are
 * refused.
 */
final class ProtoReader {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final ByteBuffer in;
  private int wireType;
  private boolean taken = true;

  ProtoReader(ByteBuffer message) {
    in = message.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The next field's number, or 0 at the end. */
  int next() throws IOException {
    if (!taken) skip();
    if (!in.hasRemaining()) return 0;
    long tag = varint();
    wireType = (int) (tag & 7);
    long field = tag >>> 3;
    if (field < 1 || field > (1 << 29) - 1) throw broken("field number " + field);
    taken = false;
    return (int) field;
  }

  int int32() throws IOException {
    expect(VARINT);
    return (int) varint();
  }

  boolean bool() throws IOException {
    expect(VARINT);
    return varint() != 0;
  }

  float float32() throws IOException {
    expect(FIXED32);
    try {
      return in.getFloat();
    } catch (BufferUnderflowException e) {
      throw broken("a number cut short");
    }
  }

  String string() throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes()).toString();
    } catch (CharacterCodingException e) {
      throw broken("a string that is not UTF-8");
    }
  }

  /** A view of the field's bytes: a string's, or those of a message inside. */
  ByteBuffer bytes() throws IOException {
    expect(BYTES);
    long length = varint();
    if (length < 0 || length > in.remaining()) throw broken("a length of " + length + " bytes");
    ByteBuffer view = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + (int) length);
    return view;
  }

  private void expect(int type) throws IOException {
    if (wireType != type) throw broken("wire type " + wireType + " instead of " + type);
    taken = true;
  }

  private void skip() throws IOException {
    switch (wireType) {
      case VARINT -> int32();
      case BYTES -> bytes();
      case FIXED32 -> skipBytes(4);
      case FIXED64 -> skipBytes(8);
      default -> throw broken("wire type " + wireType);
    }
  }

  private void skipBytes(int count) throws IOException {
    if (in.remaining() < count) throw broken("a number cut short");
    in.position(in.position() + count);
    taken = true;
  }

  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (!in.hasRemaining()) throw broken("a number cut short");
      byte next = in.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) return value;
    }
    throw broken("a number of more than 10 bytes");
  }

  private IOException broken(String what) {
    return new IOException("not a valid protobuf: " + what + " at byte " + in.position());
  }
}
