package io.github.einkorn.parity;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.einkorn.DType;
import io.github.einkorn.Scope;
import io.github.einkorn.io.Safetensors;
import io.github.einkorn.nn.Layer;
import io.github.einkorn.parity.Library.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PyTorch's state dict to a safetensors file, into Einkorn, to a file again and back into PyTorch: bit for bit. */
class StateDictTest {
  @TempDir
  private Path folder;

  @Test
  void aSequentialOfEveryLayer() {
    roundTrip(() -> stack(new Stack()), Nets.everyLayer(), "16x3x16x16");
  }

  @Test
  void nestedModules() {
    roundTrip(() -> Nets.resNet18(Torch.FLOAT), Nets.resNet18(), "4x3x64x64");
  }

  private static Model<Tensor> stack(Stack s) {
    Stack all = Nets.everyLayer(s);
    return Torch.FLOAT.model(all.layers, all.layers::forward);
  }

  private void roundTrip(Supplier<Model<Tensor>> torch, Layer ours, String shape) {
    Path theirFile = folder.resolve("torch.safetensors"), ourFile = folder.resolve("einkorn.safetensors");
    Torch.FLOAT.scoped(() -> {
      try (var scope = new Scope()) {
        Model<Tensor> first = torch.get(), second = torch.get();
        Tensor x = Torch.FLOAT.of(Input.normal(shape).fixed());
        for (int i = 0; i < 3; i++) first.forward(x); // moves the running statistics and counts batches
        Map<String, byte[]> state = bytes(first);

        Safetensors.write(theirFile, einkorn(first));
        assertSame(inFile(theirFile), state);
        ours.load(theirFile);
        assertThat(ours.stateDict().keySet()).containsExactlyInAnyOrderElementsOf(state.keySet());
        ours.save(ourFile);
        assertSame(inFile(ourFile), state);

        Map<String, io.github.einkorn.Tensor> saved = Safetensors.read(ourFile);
        all(second).forEach((name, t) -> second.set(t, torch(saved.get(name))));
        assertSame(bytes(second), state);
        assertThat(state.keySet().stream().filter(n -> n.endsWith("num_batches_tracked")).map(state::get))
            .isNotEmpty().allSatisfy(b -> assertThat(b).containsExactly(3, 0, 0, 0, 0, 0, 0, 0));
        for (Model<Tensor> m : List.of(first, second)) m.train(false);
        assertThat(raw(second.forward(x))).isEqualTo(raw(first.forward(x)));
      }
    });
  }

  private static void assertSame(Map<String, byte[]> got, Map<String, byte[]> expected) {
    assertThat(got.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet());
    expected.forEach((name, b) -> assertThat(Arrays.equals(got.get(name), b)).as(name).isTrue());
  }

  private static Map<String, Tensor> all(Model<Tensor> model) {
    var all = new LinkedHashMap<>(model.parameters());
    all.putAll(model.buffers());
    return all;
  }

  private static byte[] raw(Tensor t) {
    byte[] b = new byte[Math.toIntExact(t.numel() * t.element_size())];
    new BytePointer(t.detach().contiguous().data_ptr()).capacity(b.length).get(b);
    return b;
  }

  private static Map<String, byte[]> bytes(Model<Tensor> model) {
    var bytes = new LinkedHashMap<String, byte[]>();
    all(model).forEach((name, t) -> bytes.put(name, raw(t)));
    return bytes;
  }

  private static ByteBuffer littleEndian(byte[] b) {
    return ByteBuffer.wrap(b).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Map<String, io.github.einkorn.Tensor> einkorn(Model<Tensor> model) {
    var state = new LinkedHashMap<String, io.github.einkorn.Tensor>();
    all(model).forEach((name, t) -> {
      int[] shape = Torch.FLOAT.read(t).shape();
      ByteBuffer data = littleEndian(raw(t));
      if (t.is_floating_point()) {
        float[] x = new float[data.capacity() / 4];
        data.asFloatBuffer().get(x);
        state.put(name, io.github.einkorn.Tensor.of(x, shape));
      } else {
        long[] x = new long[data.capacity() / 8];
        data.asLongBuffer().get(x);
        state.put(name, io.github.einkorn.Tensor.of(x, shape));
      }
    });
    return state;
  }

  private static Tensor torch(io.github.einkorn.Tensor t) {
    boolean floats = t.dtype() == DType.FLOAT32;
    int[] shape = t.shape().dims();
    return Torch.FLOAT.of(new Input(shape, floats ? t.toFloats() : null, floats ? null : t.toLongs(), false));
  }

  /**
   * The bytes of each tensor in a file, read by the format's definition and not by Einkorn: eight bytes of header
   * length, the header, and data without holes.
   */
  private static TreeMap<String, byte[]> inFile(Path file) {
    byte[] all;
    try {
      all = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int start = 8 + Math.toIntExact(littleEndian(all).getLong());
    String header = new String(all, 8, start - 8, StandardCharsets.UTF_8);
    Matcher m = Pattern.compile("\"([\\w.]+)\":\\{\"dtype\":\"(F32|I64)\",\"shape\":\\[([\\d,]*)\\],"
        + "\"data_offsets\":\\[(\\d+),(\\d+)\\]\\}").matcher(header);
    var tensors = new TreeMap<String, byte[]>();
    var ends = new TreeMap<Integer, Integer>();
    while (m.find()) {
      int begin = Integer.parseInt(m.group(4)), end = Integer.parseInt(m.group(5));
      int size = m.group(3).isEmpty() ? 1 : Input.size(Input.shape(m.group(3).replace(',', 'x')));
      assertThat(end - begin).as(m.group(1)).isEqualTo(size * (m.group(2).equals("I64") ? 8 : 4));
      tensors.put(m.group(1), Arrays.copyOfRange(all, start + begin, start + end));
      ends.put(begin, end);
    }
    int at = 0;
    for (var piece : ends.entrySet()) {
      assertThat(piece.getKey()).isEqualTo(at);
      at = piece.getValue();
    }
    assertThat(start + at).isEqualTo(all.length);
    return tensors;
  }
}
