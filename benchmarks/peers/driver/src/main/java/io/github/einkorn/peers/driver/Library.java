package io.github.einkorn.peers.driver;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A library that is measured: the module beside this one that holds its worker, and how it is configured. */
enum Library {
  EINKORN("Einkorn", "EinkornWorker", "einkorn", Map.of(), "default"),
  // with more, its OpenBLAS spins a pool of threads beside that of OpenMP, and all is 2 to 8 times slower
  PYTORCH("PyTorch", "TorchWorker", "pytorch", Map.of("OPENBLAS_NUM_THREADS", "1"), "nchw", "channels-last"),
  DJL("DJL", "DjlWorker", "pytorch-engine", Map.of(), "default"),
  TENSORFLOW("TensorFlow", "TensorflowWorker", "tensorflow-core-api", Map.of(), "default"),
  DEEPLEARNING4J("Deeplearning4j", "Deeplearning4jWorker", "deeplearning4j-nn", Map.of(), "default"),
  ONNXRUNTIME("ONNX Runtime", "OnnxruntimeWorker", "onnxruntime", Map.of(), "default"),
  /** No peer but the floor: the primitives alone, in a native program. */
  ONEDNN("raw oneDNN", "einkorn_dnnl_worker", "dnnl", Map.of(), "channels-last", "any", "plain");

  /** Its name in the table. */
  final String title;

  /** The class in the module, or the native program. */
  final String worker;

  /** The artifact on its class path whose version is its own. */
  final String artifact;

  /** What its process finds in the environment. */
  final Map<String, String> environment;

  /** Each is a row of the table. */
  final List<String> configs;

  Library(String title, String worker, String artifact, Map<String, String> environment, String... configs) {
    this.title = title;
    this.worker = worker;
    this.artifact = artifact;
    this.environment = environment;
    this.configs = List.of(configs);
  }

  boolean isNative() {
    return this == ONEDNN;
  }

  boolean isPeer() {
    return this != EINKORN && this != ONEDNN;
  }

  /** Its name on the command line, and its module's. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
