package io.github.einkorn;

import static io.github.einkorn.global.einkorn.*;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.util.Arrays;

/**
 * An array of numbers in native memory, with the operations of a neural network and their gradients.
 *
 * <p>Shapes are PyTorch's: images are (N, C, H, W), whatever the {@link Format} in memory. Operations return new
 * tensors; the few that work in place end in {@code InPlace}. Memory is freed by the {@link Scope} around, by
 * {@link #close()}, or by the garbage collector. Not for use from two threads at once while one of them changes it.
 */
public final class Tensor implements AutoCloseable {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final VarHandle CLOSED_BY;

  static {
    try {
      CLOSED_BY = MethodHandles.lookup().findVarHandle(Tensor.class, "closedBy", String.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Storage storage;
  private final Shape shape;
  private final DType dtype;
  private final Format format;
  private volatile String closedBy;
  private Scope scope;
  private Cleaner.Cleanable cleanable;
  private boolean requiresGrad;
  private Tensor grad;
  Graph.Node node;

  private Tensor(Storage storage, Shape shape, DType dtype, Format format) {
    this.storage = storage;
    this.shape = shape;
    this.dtype = dtype;
    this.format = format;
    Scope s = Context.get().scope;
    if (s != null) moveTo(s);
    else cleanable = CLEANER.register(this, storage);
  }

  // ---- making tensors ----

  /** A tensor of undefined contents. */
  public static Tensor empty(DType dtype, Format format, Shape shape) {
    Tensor t = new Tensor(new Storage(shape.size() * dtype.bytes()), shape, dtype, format);
    Memory.note(t.storage, t);
    return t;
  }

  /** A contiguous float tensor of undefined contents. */
  public static Tensor empty(Shape shape) {
    return empty(DType.FLOAT32, Format.CONTIGUOUS, shape);
  }

  /** A tensor of undefined contents with the shape, type and format of another. */
  public static Tensor like(Tensor x) {
    return empty(x.dtype, x.format, x.shape);
  }

  /** A float tensor of zeros. */
  public static Tensor zeros(int... shape) {
    return full(0, shape);
  }

  /** A float tensor of ones. */
  public static Tensor ones(int... shape) {
    return full(1, shape);
  }

  /** A float tensor with every element set to a value. */
  public static Tensor full(float value, int... shape) {
    Tensor t = empty(Shape.of(shape));
    Native.check(ek_fill_float(t.address(), value, t.size()));
    return t;
  }

  /** A vector of floats. */
  public static Tensor of(float... values) {
    return of(values, values.length);
  }

  /** Floats in row-major order, in a shape. */
  public static Tensor of(float[] values, int... shape) {
    Tensor t = empty(Shape.of(shape));
    t.checkCount(values.length);
    ek_put(t.address(), values, 0, values.length * 4L);
    return t;
  }

  /** A matrix of floats. */
  public static Tensor of(float[][] rows) {
    int n = rows.length == 0 ? 0 : rows[0].length;
    float[] all = new float[rows.length * n];
    for (int i = 0; i < rows.length; i++) {
      if (rows[i].length != n) {
        throw new ShapeException("rows differ in length: row 0 has " + n + ", row " + i + " has " + rows[i].length);
      }
      System.arraycopy(rows[i], 0, all, i * n, n);
    }
    return of(all, rows.length, n);
  }

  /** A vector of int64, as labels are. */
  public static Tensor of(long... values) {
    return of(values, values.length);
  }

  /** Int64 values in row-major order, in a shape. */
  public static Tensor of(long[] values, int... shape) {
    Tensor t = empty(DType.INT64, Format.CONTIGUOUS, Shape.of(shape));
    t.checkCount(values.length);
    ek_put(t.address(), values, 0, values.length * 8L);
    return t;
  }

  /** Bytes 0..255 in row-major order, in a shape. */
  public static Tensor of(byte[] values, int... shape) {
    Tensor t = empty(DType.UINT8, Format.CONTIGUOUS, Shape.of(shape));
    t.checkCount(values.length);
    ek_put(t.address(), values, 0, values.length);
    return t;
  }

  private void checkCount(long values) {
    if (values != size()) throw new ShapeException(values + " values do not fill a shape of " + shape);
  }

  // ---- what it is ----

  /** The logical shape. */
  public Shape shape() {
    return shape;
  }

  /** Extent of a dimension; negative ones count from the end. */
  public int dim(int i) {
    return shape.dim(i);
  }

  /** Number of dimensions. */
  public int rank() {
    return shape.rank();
  }

  /** Number of elements. */
  public long size() {
    return shape.size();
  }

  /** Element type. */
  public DType dtype() {
    return dtype;
  }

  /** Layout in memory. */
  public Format format() {
    return format;
  }

  /** Whether the elements lie in row-major order of the logical shape. */
  public boolean isContiguous() {
    return format == Format.CONTIGUOUS || shape.dim(1) == 1 || shape.dim(2) * (long) shape.dim(3) == 1;
  }

  /** Whether it has four dimensions and its channels are neighbours in memory. */
  public boolean isChannelsLast() {
    return format == Format.CHANNELS_LAST
        || rank() == 4 && (shape.dim(1) == 1 || shape.dim(2) * (long) shape.dim(3) == 1);
  }

  /**
   * Address of the first element, for native code.
   *
   * @throws ClosedTensorException if the tensor has been freed
   */
  public long address() {
    if (closedBy != null) throw new ClosedTensorException("a tensor of shape " + shape + " was closed by " + closedBy);
    return storage.address;
  }

  /** Identifies the contents: changes with every change in place. */
  public long stamp() {
    return storage.stamp();
  }

  /** Notes that native code has changed the contents. */
  public void touch() {
    storage.touch();
  }

  /** Type and shape, as {@code float32 (100, 1, 28, 28)}. */
  public String describe() {
    return dtype + " " + shape;
  }

  // ---- life ----

  /** Whether it has been freed. */
  public boolean isClosed() {
    return closedBy != null;
  }

  /** Frees it. Closing twice does nothing. */
  @Override
  public void close() {
    close("close()");
  }

  void close(String who) {
    if (!CLOSED_BY.compareAndSet(this, null, who)) return;
    scope = null;
    if (cleanable != null) cleanable.clean();
    else storage.run();
  }

  /** Lets it outlive the scopes it was made in: it is freed by {@link #close()} or the garbage collector. Returns this. */
  public Tensor keep() {
    address();
    scope = null;
    if (cleanable == null) cleanable = CLEANER.register(this, storage);
    return this;
  }

  Scope scope() {
    return scope;
  }

  void moveTo(Scope s) {
    scope = s;
    s.add(this);
  }

  /** Another tensor on the same memory, outside the graph. */
  Tensor share() {
    return view(shape, format);
  }

  private Tensor view(Shape shape, Format format) {
    address();
    storage.share();
    return new Tensor(storage, shape, dtype, format);
  }

  // ---- gradients ----

  /** Whether operations on it are recorded: it is a parameter, or was computed from one. */
  public boolean requiresGrad() {
    return requiresGrad || node != null;
  }

  /**
   * Makes it a parameter, whose gradient {@link #backward()} computes (or not). Returns this.
   *
   * @throws DTypeException unless it holds floats
   */
  public Tensor requiresGrad(boolean wanted) {
    if (wanted) Check.floats("requiresGrad", this);
    if (node != null) throw new EinkornException("requiresGrad is for parameters; this tensor was computed: detach() it");
    requiresGrad = wanted;
    return this;
  }

  /** The gradient of a parameter after {@link #backward()}, or null. */
  public Tensor grad() {
    return grad;
  }

  /** Frees the gradient. */
  public void zeroGrad() {
    if (grad != null) grad.close("zeroGrad");
    grad = null;
  }

  /** The same values outside the graph; shares the memory. */
  public Tensor detach() {
    return share();
  }

  /** Computes the gradients of all parameters this scalar depends on, adds them to {@link #grad()}, frees the graph. */
  public void backward() {
    backward(false);
  }

  /** As {@link #backward()}; keeps the graph for another call if asked. */
  public void backward(boolean retainGraph) {
    if (size() != 1) {
      throw new ShapeException("backward without a gradient needs a single number, not shape " + shape);
    }
    try (var s = new Scope("backward")) {
      Graph.backward(this, full(1, shape.dims()), retainGraph);
    }
  }

  /** As {@link #backward()} for a tensor of any shape, given the gradient with respect to it. */
  public void backward(Tensor gradient) {
    if (!gradient.shape.equals(shape)) {
      throw new ShapeException("a gradient of shape " + gradient.shape + " for a tensor of shape " + shape);
    }
    Check.floats("backward", gradient);
    Graph.backward(this, gradient, false);
  }

  /** Takes over g as (part of) this parameter's gradient. */
  void accumulate(Tensor g) {
    if (grad != null && !grad.isClosed()) {
      grad = grad.plusInPlace(g).keep();
      return;
    }
    Tensor mine = g.storage.isShared() || g.format != format ? g.to(format).unshared() : g;
    if (mine != g) g.close("backward");
    grad = mine.keep();
  }

  private Tensor unshared() {
    return storage.isShared() ? copy() : this;
  }

  /** This plus g, in this one's memory if nobody shares it; g is freed. */
  Tensor plusInPlace(Tensor g) {
    Tensor mine = unshared();
    Tensor same = g.to(format);
    Native.check(ek_axpy(1, same.address(), mine.address(), size()));
    mine.touch();
    if (same != g) same.close("backward");
    g.close("backward");
    if (mine != this) close("backward");
    return mine;
  }

  // ---- layout ----

  /** This tensor, or a copy in another format. Not recorded: the logical tensor is the same. */
  public Tensor to(Format wanted) {
    if (wanted == format || (wanted == Format.CONTIGUOUS ? isContiguous() : isChannelsLast())) return this;
    if (rank() != 4) throw new ShapeException("channels-last is for four dimensions, not " + shape);
    Tensor y = empty(dtype, wanted, shape);
    long c = dim(1), hw = (long) dim(2) * dim(3);
    long[] dims = {dim(0), c, hw};
    long[] nchw = {c * hw, hw, 1}, nhwc = {c * hw, 1, c};
    boolean last = wanted == Format.CHANNELS_LAST;
    Native.check(ek_strided_copy(3, dims, last ? nchw : nhwc, last ? nhwc : nchw, dtype.bytes(), address(), y.address()));
    Reference.reachabilityFence(this);
    return y;
  }

  /** This tensor in row-major order. */
  public Tensor contiguous() {
    return to(Format.CONTIGUOUS);
  }

  /** This tensor with its channels as neighbours. */
  public Tensor channelsLast() {
    return to(Format.CHANNELS_LAST);
  }

  /** A copy with memory of its own, outside the graph. */
  public Tensor copy() {
    Tensor y = like(this);
    Native.check(ek_copy(address(), y.address(), storage.bytes));
    Reference.reachabilityFence(this);
    return y;
  }

  /** The same memory seen as another shape of as many elements; the tensor must be contiguous. Not recorded. */
  Tensor viewAs(Shape s) {
    return view(s, Format.CONTIGUOUS);
  }

  // ---- reading ----

  /**
   * The number in a tensor of one element, as a float whatever its type.
   *
   * @throws ShapeException if there are more elements
   */
  public float item() {
    if (size() != 1) throw new ShapeException("item() needs a single number, not shape " + shape);
    long a = address();
    float v = switch (dtype) {
      case FLOAT32 -> ek_read_float(a);
      case INT64 -> ek_read_long(a);
      case UINT8, BOOL -> ek_read_byte(a);
    };
    Reference.reachabilityFence(this);
    return v;
  }

  /** The floats in row-major order of the logical shape. */
  public float[] toFloats() {
    Check.floats("toFloats", this);
    float[] out = new float[arraySize()];
    Tensor c = contiguous();
    ek_get(c.address(), out, 0, out.length * 4L);
    Reference.reachabilityFence(c);
    return out;
  }

  /** The int64 values in row-major order. */
  public long[] toLongs() {
    Check.dtype("toLongs", this, DType.INT64);
    long[] out = new long[arraySize()];
    Tensor c = contiguous();
    ek_get(c.address(), out, 0, out.length * 8L);
    Reference.reachabilityFence(c);
    return out;
  }

  private int arraySize() {
    if (size() > Integer.MAX_VALUE - 8) throw new ShapeException("too large for a Java array: " + shape);
    return (int) size();
  }

  @Override
  public String toString() {
    return closedBy != null ? describe() + " closed by " + closedBy : describe();
  }
}
