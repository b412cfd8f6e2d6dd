package dev.quern.checkpoint;

import dev.quern.checkpoint.TorchValue.Dict;
import dev.quern.checkpoint.TorchValue.Global;
import dev.quern.checkpoint.TorchValue.Int;
import dev.quern.checkpoint.TorchValue.None;
import dev.quern.checkpoint.TorchValue.Storage;
import dev.quern.checkpoint.TorchValue.Tensor;
import dev.quern.checkpoint.TorchValue.Text;
import dev.quern.checkpoint.TorchValue.Tuple;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The few names that a pickle may import and what calling them gives. Everything is built here from
 * plain values; no class is looked up and no code of the file runs.
 */
final class TorchGlobals {
  /** More than any weight has. */
  private static final int MAX_DIMENSIONS = 16;

  private static final Map<String, StoredType> STORAGES =
      Map.ofEntries(
          Map.entry("torch.FloatStorage", StoredType.F32),
          Map.entry("torch.HalfStorage", StoredType.F16),
          Map.entry("torch.BFloat16Storage", StoredType.BF16),
          Map.entry("torch.DoubleStorage", StoredType.F64),
          Map.entry("torch.LongStorage", StoredType.I64),
          Map.entry("torch.IntStorage", StoredType.I32),
          Map.entry("torch.ShortStorage", StoredType.I16),
          Map.entry("torch.CharStorage", StoredType.I8),
          Map.entry("torch.ByteStorage", StoredType.U8),
          Map.entry("torch.BoolStorage", StoredType.BOOL),
          Map.entry("torch.ComplexFloatStorage", StoredType.C64));

  private static final Map<String, StoredType> TYPES =
      Map.ofEntries(
          Map.entry("torch.float32", StoredType.F32),
          Map.entry("torch.float16", StoredType.F16),
          Map.entry("torch.bfloat16", StoredType.BF16),
          Map.entry("torch.float64", StoredType.F64),
          Map.entry("torch.int64", StoredType.I64),
          Map.entry("torch.int32", StoredType.I32),
          Map.entry("torch.int16", StoredType.I16),
          Map.entry("torch.int8", StoredType.I8),
          Map.entry("torch.uint8", StoredType.U8),
          Map.entry("torch.uint16", StoredType.U16),
          Map.entry("torch.uint32", StoredType.U32),
          Map.entry("torch.uint64", StoredType.U64),
          Map.entry("torch.bool", StoredType.BOOL),
          Map.entry("torch.float8_e4m3fn", StoredType.F8_E4M3),
          Map.entry("torch.float8_e5m2", StoredType.F8_E5M2),
          Map.entry("torch.float8_e4m3fnuz", StoredType.F8_E4M3FNUZ),
          Map.entry("torch.float8_e5m2fnuz", StoredType.F8_E5M2FNUZ),
          Map.entry("torch.float8_e8m0fnu", StoredType.F8_E8M0));

  private static final String UNTYPED = "torch.storage.UntypedStorage";
  private static final String ORDERED_DICT = "collections.OrderedDict";
  private static final String SIZE = "torch.Size";
  private static final String TENSOR_V1 = "torch._utils._rebuild_tensor";
  private static final String TENSOR_V2 = "torch._utils._rebuild_tensor_v2";
  private static final String TENSOR_V3 = "torch._utils._rebuild_tensor_v3";
  private static final String PARAMETER = "torch._utils._rebuild_parameter";
  private static final String PARAMETER_WITH_STATE = "torch._utils._rebuild_parameter_with_state";
  private static final Set<String> OTHERS =
      Set.of(
          UNTYPED,
          ORDERED_DICT,
          SIZE,
          TENSOR_V1,
          TENSOR_V2,
          TENSOR_V3,
          PARAMETER,
          PARAMETER_WITH_STATE);

  private TorchGlobals() {}

  /**
   * @throws PickleException when the name is not one of those allowed
   */
  static Global named(String module, String name) throws PickleException {
    String whole = module + "." + name;
    if (!STORAGES.containsKey(whole) && !TYPES.containsKey(whole) && !OTHERS.contains(whole))
      throw new PickleException(
          "it imports '%s'. Only tensors may be in a checkpoint; nothing of it was run"
              .formatted(whole.length() > 200 ? whole.substring(0, 200) : whole));
    return new Global(whole);
  }

  static TorchValue call(Global function, Tuple arguments) throws PickleException {
    List<TorchValue> list = arguments.items();
    int count = list.size();
    boolean fits =
        switch (function.name()) {
          case ORDERED_DICT -> count == 0;
          case SIZE -> count == 1;
          case TENSOR_V1 -> count == 4;
          case TENSOR_V2 -> count == 6 || count == 7;
          case TENSOR_V3 -> count == 7 || count == 8;
          case PARAMETER -> count == 3;
          case PARAMETER_WITH_STATE -> count == 4;
          default -> false;
        };
    if (!fits) throw new PickleException("it calls '" + function.name() + "' in an unknown way");
    return switch (function.name()) {
      case ORDERED_DICT -> new Dict(new LinkedHashMap<>());
      case SIZE -> as(Tuple.class, list.getFirst(), "a torch.Size");
      case TENSOR_V1, TENSOR_V2 -> tensor(list, null);
      case TENSOR_V3 -> tensor(list, type(as(Global.class, list.get(6), "a dtype")));
      default -> as(Tensor.class, list.getFirst(), "a parameter");
    };
  }

  private static Tensor tensor(List<TorchValue> arguments, StoredType given)
      throws PickleException {
    Storage storage = as(Storage.class, arguments.get(0), "a tensor's storage");
    StoredType type = given == null ? storage.type() : given;
    if (type == null || given != null && storage.type() != null && storage.type() != given)
      throw new PickleException("a tensor whose storage is of another type");
    long offset = as(Int.class, arguments.get(1), "a tensor's offset").value();
    long[] shape = longs(arguments.get(2), "a tensor's shape");
    long[] strides = longs(arguments.get(3), "a tensor's strides");
    if (offset < 0 || shape.length != strides.length)
      throw new PickleException("a tensor with offset " + offset + " or strides that do not fit");
    return new Tensor(storage, type, offset, shape, strides);
  }

  private static StoredType type(Global dtype) throws PickleException {
    StoredType type = TYPES.get(dtype.name());
    if (type == null) throw new PickleException("'" + dtype.name() + "' as a dtype");
    return type;
  }

  private static long[] longs(TorchValue value, String what) throws PickleException {
    List<TorchValue> items = as(Tuple.class, value, what).items();
    if (items.size() > MAX_DIMENSIONS)
      throw new PickleException(what + " of " + items.size() + " dimensions");
    long[] longs = new long[items.size()];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = as(Int.class, items.get(i), what).value();
      if (longs[i] < 0) throw new PickleException(what + " with " + longs[i]);
    }
    return longs;
  }

  /** The storage that {@code ('storage', type, key, location, elements[, view])} stands for. */
  static Storage storage(TorchValue id) throws PickleException {
    List<TorchValue> items = as(Tuple.class, id, "a storage's id").items();
    boolean plain = items.size() == 5 || items.size() == 6 && items.get(5) == None.NONE;
    if (!plain || !items.getFirst().equals(new Text("storage")))
      throw new PickleException("a storage's id of an unknown form");
    Global type = as(Global.class, items.get(1), "a storage's type");
    StoredType elements = STORAGES.get(type.name());
    if (elements == null && !type.name().equals(UNTYPED))
      throw new PickleException("'" + type.name() + "' as a storage's type");
    String key = as(Text.class, items.get(2), "a storage's key").value();
    long count = as(Int.class, items.get(4), "a storage's length").value();
    if (count < 0 || count > Long.MAX_VALUE / 16)
      throw new PickleException("a storage of " + count + " elements");
    return new Storage(elements, key, count);
  }

  static <T extends TorchValue> T as(Class<T> type, TorchValue value, String what)
      throws PickleException {
    if (type.isInstance(value)) return type.cast(value);
    throw new PickleException(
        what + " is a " + value.getClass().getSimpleName() + ", not a " + type.getSimpleName());
  }
}
