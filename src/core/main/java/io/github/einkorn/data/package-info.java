/** Data sets, and batches from them: {@link io.github.einkorn.data.DataLoader} over a {@link io.github.einkorn.data.Dataset}. */
package io.github.einkorn.data;
