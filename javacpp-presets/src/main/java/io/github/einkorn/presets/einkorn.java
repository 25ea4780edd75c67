package io.github.einkorn.presets;

import org.bytedeco.javacpp.annotation.NoException;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Properties;
import org.bytedeco.javacpp.tools.Info;
import org.bytedeco.javacpp.tools.InfoMap;
import org.bytedeco.javacpp.tools.InfoMapper;

/**
 * How JavaCPP parses {@code einkorn.h} and links the JNI library.
 *
 * <p>Tensor memory is passed as {@code long} addresses: a call costs 10 ns, with a {@code Pointer} object 3 ns more for
 * each argument, and making one 2 µs. Small host arrays (extents, shapes, parameter tables) are Java arrays.
 */
@Properties(
    value =
        @Platform(
            value = {"linux", "windows", "macosx"},
            compiler = "cpp17",
            include = "einkorn.h",
            // reversed on the command line; a trailing # links only: ours is inside the JNI library, gomp is oneDNN's
            link = {"gomp@.1#", "openblas@.0", "dnnl@.3", "einkorn#"},
            preload = {"gomp@.1", "quadmath@.0", "gfortran@.5"},
            preloadresource = {"/org/bytedeco/dnnl/", "/org/bytedeco/openblas/"}),
    target = "io.github.einkorn.global.einkorn")
@NoException
public class einkorn implements InfoMapper {
  @Override
  public void map(InfoMap infoMap) {
    infoMap.put(new Info("EK_API").cppTypes().annotations());
    for (String type : new String[] {"float", "int64_t", "uint8_t", "void"}) {
      infoMap.put(new Info("const " + type, type).valueTypes(value(type)).pointerTypes("long").cast());
    }
    infoMap.put(new Info("const ek_dim", "ek_dim").valueTypes("long").pointerTypes("long[]").cast());
    infoMap.put(new Info("const double", "double").valueTypes("double").pointerTypes("double[]").cast());
    map(infoMap, "ek_conv2d_shape", "int[]");
    map(infoMap, "ek_pool2d_shape", "int[]");
    map(infoMap, "ek_param", "long[]");
    infoMap.put(new Info("uint64_t").valueTypes("long").cast());
    // Critical regions: a Java array is read in place; copying it first is 300 times slower for 64k floats.
    StringBuilder copies = new StringBuilder();
    for (String array : new String[] {"float", "long", "int", "byte", "double"}) {
      copies.append("public static native @CriticalRegion void ek_put(@Cast(\"void*\") long y, ")
          .append("@Cast(\"const void*\") ").append(array).append("[] host, long offset, long bytes);\n")
          .append("public static native @CriticalRegion void ek_get(@Cast(\"const void*\") long x, ")
          .append("@Cast(\"void*\") ").append(array).append("[] host, long offset, long bytes);\n");
    }
    infoMap.put(new Info("ek_put").javaText(copies.toString()));
    infoMap.put(new Info("ek_get").skip());
  }

  /** A struct of equal fields is a Java array of them. */
  private static void map(InfoMap infoMap, String struct, String array) {
    infoMap.put(new Info("const " + struct, struct).pointerTypes(array).cast().javaText(""));
  }

  private static String value(String type) {
    return switch (type) {
      case "float" -> "float";
      case "int64_t" -> "long";
      case "uint8_t" -> "byte";
      default -> "void";
    };
  }
}
