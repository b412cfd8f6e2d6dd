package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/** The file operations that results need; tests put disks here that tear, fill up and forget. */
public interface Disk {
  /** In bytes; -1 when there is no such file. */
  long size(Path file) throws IOException;

  /** Files of a folder by name; none when it is not there. */
  List<Path> list(Path folder) throws IOException;

  InputStream read(Path file, long fromByte) throws IOException;

  /** A new file, written front to back; durable when closed. An older one is replaced. */
  OutputStream create(Path file) throws IOException;

  /** Opens for reading and writing anywhere; an empty file is made when there is none. */
  DiskFile open(Path file) throws IOException;

  /** Opens a file that is there, for reading only. */
  DiskFile openToRead(Path file) throws IOException;

  /** Renames, replacing what has the new name. */
  void move(Path from, Path to) throws IOException;

  /** Deletes a file, if it is there. */
  void delete(Path file) throws IOException;

  /** With its parents, where they are not there. */
  void createFolder(Path folder) throws IOException;

  /** Makes the names in a folder durable. */
  void syncFolder(Path folder) throws IOException;

  /**
   * Takes a lock that ends with this process.
   *
   * @param holder what others are told of us
   * @throws HeldException when another has it
   */
  Closeable lock(Path file, String holder) throws IOException;

  /** Writes a small file so that it is there whole or not at all. */
  default void replace(Path file, byte[] content) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (OutputStream out = create(fresh)) {
      out.write(content);
    }
    move(fresh, file);
  }
}
