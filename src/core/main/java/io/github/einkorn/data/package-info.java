/** Data sets, and batches of them: a {@link io.github.einkorn.data.DataLoader} over a Dataset. */
package io.github.einkorn.data;
