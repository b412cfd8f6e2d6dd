/** How files of weights are read: past the page cache or through it, into whatever memory. */
package dev.quern.files;
