/** Well-known networks, with the parameter counts that were published. */
package io.github.einkorn.models;
