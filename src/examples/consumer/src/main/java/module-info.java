/** A program that uses Einkorn. */
module com.example {
  requires io.github.einkorn;
}
