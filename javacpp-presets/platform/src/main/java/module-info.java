/** Einkorn. The native libraries need no module: their jars belong on the class path, where build tools put them. */
module io.github.einkorn.platform {
  requires transitive io.github.einkorn;
}
