// What scripts/jshell.sh starts with, and what the snippets of docs/lectures take for granted.
import io.github.einkorn.*;
import io.github.einkorn.data.*;
import io.github.einkorn.data.transforms.*;
import io.github.einkorn.models.*;
import io.github.einkorn.nn.*;
import io.github.einkorn.optim.*;
import io.github.einkorn.train.*;
import static io.github.einkorn.nn.Functional.*;
import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.function.*;
import java.util.stream.*;
