package dev.quern.batch.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;

/** A mounted object store: no appending, no writing in the middle, no locks, no syncing. */
record ObjectDisk(SimDisk objects) implements Disk {
  @Override
  public long size(Path file) {
    return objects.size(file);
  }

  @Override
  public List<Path> list(Path folder) {
    return objects.list(folder);
  }

  @Override
  public InputStream read(Path file, long fromByte) throws IOException {
    return objects.read(file, fromByte);
  }

  @Override
  public OutputStream create(Path file) throws IOException {
    OutputStream out = objects.create(file);
    objects.syncFolder(file.getParent());
    return out;
  }

  @Override
  public DiskFile open(Path file) {
    throw new UnsupportedOperationException("an object is written once: " + file);
  }

  @Override
  public DiskFile openToRead(Path file) throws IOException {
    return objects.openToRead(file);
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    objects.move(from, to);
    objects.syncFolder(to.getParent());
  }

  @Override
  public void delete(Path file) throws IOException {
    objects.delete(file);
    objects.syncFolder(file.getParent());
  }

  @Override
  public void createFolder(Path folder) {}

  @Override
  public void syncFolder(Path folder) {
    throw new UnsupportedOperationException("nothing to sync: " + folder);
  }

  @Override
  public Closeable lock(Path file, String holder) {
    throw new UnsupportedOperationException("no locks: " + file);
  }
}
