package io.github.einkorn.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** ONNX Runtime, which runs nets and does not train them; one configuration, {@code default}: all optimizations. */
public final class OnnxruntimeWorker {
  private OnnxruntimeWorker() {}

  public static void main(String[] args) throws Exception {
    Worker.main(args, (task, threads, config) -> {
      if (task instanceof Work work && !work.training()) return work(work, threads);
      throw new UnsupportedOperationException("ONNX Runtime runs whole nets, and does not train them");
    });
  }

  private static Worker work(Work work, int threads) throws OrtException {
    var environment = OrtEnvironment.getEnvironment();
    var options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(threads);
    options.setInterOpNumThreads(1);
    options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
    OrtSession session = environment.createSession(OnnxModel.of(work), options);
    var random = new SplittableRandom(1);
    float[] values = new float[Arrays.stream(work.input()).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) values[i] = (float) random.nextDouble(-1, 1);
    long[] shape = Arrays.stream(work.input()).asLongStream().toArray();
    var inputs = Map.of(OnnxModel.INPUT, OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape));
    return () -> {
      try {
        session.run(inputs).close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    };
  }
}
