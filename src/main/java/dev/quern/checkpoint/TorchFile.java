package dev.quern.checkpoint;

import dev.quern.checkpoint.TorchValue.Big;
import dev.quern.checkpoint.TorchValue.Bool;
import dev.quern.checkpoint.TorchValue.Dict;
import dev.quern.checkpoint.TorchValue.Int;
import dev.quern.checkpoint.TorchValue.Items;
import dev.quern.checkpoint.TorchValue.Storage;
import dev.quern.checkpoint.TorchValue.Tensor;
import dev.quern.checkpoint.TorchValue.Text;
import dev.quern.checkpoint.ZipDirectory.Entry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file that {@code torch.save} wrote of a state dict, mapped: the zip archive of torch 1.6 and
 * later, or the row of pickles before it. Tensors are views of storages; one whose elements lie in
 * order is a slice of the file, others are copied off the heap.
 */
final class TorchFile {
  private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final int LEGACY_PROTOCOL = 1001;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path file;
  private final MemorySegment whole;

  /** Where a storage's bytes are. */
  private record Place(MemorySegment data, long offset) {}

  private TorchFile(Path file, MemorySegment whole) {
    this.file = file;
    this.whole = whole;
  }

  /**
   * The tensors of {@code file} in the order of its dict.
   *
   * @throws CheckpointException when the file cannot be read, is malformed, or holds anything but
   *     tensors
   */
  static List<StoredTensor> open(Path file) {
    TorchFile torch = new TorchFile(file, MappedFile.map(file));
    try {
      if (torch.whole.byteSize() < 8) throw new PickleException("too short for a file of torch");
      return torch.whole.get(INT, 0) == ZipDirectory.LOCAL_HEADER ? torch.zip() : torch.legacy();
    } catch (PickleException e) {
      throw new CheckpointException(file + ": " + e.getMessage(), e);
    } catch (IndexOutOfBoundsException e) {
      throw new CheckpointException(file + ": it is cut off", e);
    }
  }

  private List<StoredTensor> zip() throws PickleException {
    Map<String, Entry> entries = ZipDirectory.read(whole);
    String root = null;
    for (String name : entries.keySet()) {
      if (!name.endsWith("/data.pkl") || name.indexOf('/') != name.length() - 9) continue;
      if (root != null) throw new PickleException("it holds two data.pkl");
      root = name.substring(0, name.length() - 8);
    }
    if (root == null) throw new PickleException("it holds no data.pkl: torch did not write it");
    if (entries.containsKey(root + "constants.pkl"))
      throw new PickleException("it is a TorchScript program, not a checkpoint");
    Entry order = entries.get(root + "byteorder");
    if (order != null && !text(order.stored()).equals("little"))
      throw new PickleException("its byte order is '" + text(order.stored()) + "', not little");
    Dict dict = stateDict(TorchPickle.read(entries.get(root + "data.pkl").stored(), 0).value());
    Map<String, Place> places = new HashMap<>();
    for (Entry entry : entries.values())
      if (entry.name().startsWith(root + "data/"))
        places.put(
            entry.name().substring(root.length() + 5), new Place(entry.stored(), entry.offset()));
    return tensors(dict, places);
  }

  private static String text(MemorySegment data) {
    byte[] bytes = data.asSlice(0, Math.min(20, data.byteSize())).toArray(ValueLayout.JAVA_BYTE);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  /** Five pickles (magic, version, system, dict, keys), then each storage after its length. */
  private List<StoredTensor> legacy() throws PickleException {
    if (whole.get(ValueLayout.JAVA_BYTE, 0) != (byte) 0x80)
      throw new PickleException("it is neither a zip archive nor a pickle of torch");
    TorchPickle.Result magic = TorchPickle.read(whole, 0);
    if (!magic.value().equals(new Big(LEGACY_MAGIC)))
      throw new PickleException("it does not begin with torch's magic number");
    TorchPickle.Result version = TorchPickle.read(whole, magic.end());
    if (!version.value().equals(new Int(LEGACY_PROTOCOL)))
      throw new PickleException("it is of another version than " + LEGACY_PROTOCOL);
    TorchPickle.Result system = TorchPickle.read(whole, version.end());
    if (!(system.value() instanceof Dict info)
        || !new Bool(true).equals(info.entries().get(new Text("little_endian"))))
      throw new PickleException("it was written on a big-endian machine");
    TorchPickle.Result object = TorchPickle.read(whole, system.end());
    Dict dict = stateDict(object.value());
    TorchPickle.Result keys = TorchPickle.read(whole, object.end());
    return tensors(dict, places(dict, keys));
  }

  private Map<String, Place> places(Dict dict, TorchPickle.Result keys) throws PickleException {
    Map<String, Storage> storages = new HashMap<>();
    for (TorchValue value : dict.entries().values()) {
      Storage storage = ((Tensor) value).storage();
      storages.put(storage.key(), storage);
    }
    Map<String, Place> places = new HashMap<>();
    long at = keys.end();
    for (TorchValue item : TorchGlobals.as(Items.class, keys.value(), "its keys").items()) {
      String key = TorchGlobals.as(Text.class, item, "a storage's key").value();
      Storage storage = storages.get(key);
      if (storage == null) throw new PickleException("storage '" + key + "' belongs to no tensor");
      long elements = whole.get(LONG, at);
      if (elements != storage.elements())
        throw new PickleException(
            "storage '%s' has %d elements here and %d in the dict"
                .formatted(key, elements, storage.elements()));
      if (places.put(key, new Place(whole.asSlice(at + 8, storage.bytes()), at + 8)) != null)
        throw new PickleException("storage '" + key + "' is there twice");
      at += 8 + storage.bytes();
    }
    if (at != whole.byteSize())
      throw new PickleException((whole.byteSize() - at) + " bytes follow the last storage");
    return places;
  }

  private static Dict stateDict(TorchValue value) throws PickleException {
    Dict dict = TorchGlobals.as(Dict.class, value, "what was saved");
    for (var entry : dict.entries().entrySet()) {
      String name =
          entry.getKey() instanceof Text text ? "'" + text.value() + "'" : "" + entry.getKey();
      if (!(entry.getKey() instanceof Text) || !(entry.getValue() instanceof Tensor))
        throw new PickleException(
            "its entry %s is a %s, not a tensor: it is not a state dict"
                .formatted(name, entry.getValue().getClass().getSimpleName()));
    }
    return dict;
  }

  private List<StoredTensor> tensors(Dict dict, Map<String, Place> places) throws PickleException {
    List<StoredTensor> tensors = new ArrayList<>(dict.entries().size());
    for (var entry : dict.entries().entrySet()) {
      String name = ((Text) entry.getKey()).value();
      Tensor tensor = (Tensor) entry.getValue();
      Place place = places.get(tensor.storage().key());
      try {
        if (place == null)
          throw new PickleException("storage '" + tensor.storage().key() + "' is missing");
        if (place.data().byteSize() != tensor.storage().bytes())
          throw new PickleException(
              "storage '%s' has %d bytes, not %d"
                  .formatted(
                      tensor.storage().key(), place.data().byteSize(), tensor.storage().bytes()));
        tensors.add(
            new StoredTensor(
                name,
                tensor.type(),
                tensor.shape(),
                TorchView.contiguous(tensor, place.data()),
                file,
                place.offset() + tensor.offset() * tensor.type().bits() / 8));
      } catch (PickleException e) {
        throw new PickleException("tensor \"" + name + "\": " + e.getMessage());
      }
    }
    return tensors;
  }
}
