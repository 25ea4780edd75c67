/** JavaCPP bindings of Einkorn's native kernels; the libraries are in classifier jars, one per platform. */
module io.github.einkorn.bindings {
  requires transitive org.bytedeco.javacpp;

  exports io.github.einkorn.global;
  exports io.github.einkorn.presets;
}
