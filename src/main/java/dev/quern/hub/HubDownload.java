package dev.quern.hub;

import dev.quern.hub.HubException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Brings the wanted files of one revision into the cache. The revision is resolved to a commit
 * once, and every file is asked for by that commit, so that files of two commits never mix.
 */
final class HubDownload implements AutoCloseable {
  private final HubClient client;
  private final HubCache cache;
  private final DownloadListener listener;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore permits;

  HubDownload(HubOptions options, Environment environment, DownloadListener listener) {
    this.client = new HubClient(options, environment);
    this.cache = new HubCache(options.cache());
    this.listener = listener;
    this.permits = new Semaphore(options.connections());
  }

  /**
   * The snapshot with the wanted parts complete.
   *
   * @param kinds says which weights to fetch, the first kind that is there, from the snapshot with
   *     all other parts; it may throw to stop before them
   * @throws HubException the first reason why not
   */
  HubCache.Snapshot fetch(
      RepoId id, String revision, Set<Part> parts, Function<ModelFiles, List<WeightKind>> kinds) {
    HubCache.checkRevision(revision);
    RepoListing listing = client.listing(id, revision);
    String commit = listing.commit();
    Subject subject = new Subject(id, revision, null);
    if (parts.contains(Part.CONFIG) && !WantedFiles.hasConfig(listing.files().keySet()))
      throw new HubException(
          Kind.FILE_NOT_FOUND,
          "%s has no %s, so it is not a model that can be run here"
              .formatted(subject, WantedFiles.CONFIG));
    try {
      cache.prepare(id, commit);
      bring(id, commit, subject, pick(listing, WantedFiles.small(listing.files().keySet(), parts)));
      if (parts.contains(Part.WEIGHTS)) {
        Path folder = cache.snapshotOf(id, commit).folder();
        ModelFiles files = new ModelFiles(id.text(), folder, commit, false);
        bringWeights(id, commit, subject, listing, kinds.apply(files));
      }
      for (String name : WantedFiles.OPTIONAL)
        if (!listing.files().containsKey(name)) cache.writeAbsent(id, commit, name);
      // An older commit that is whole stays the cached one until this one is.
      if (parts.contains(Part.WEIGHTS) || !cache.hasRef(id, revision))
        cache.writeRef(id, revision, commit);
    } catch (IOException e) {
      throw HubErrors.disk(subject, e);
    }
    return cache.snapshotOf(id, commit);
  }

  private void bringWeights(
      RepoId id, String commit, Subject subject, RepoListing listing, List<WeightKind> kinds) {
    Set<String> names = listing.files().keySet();
    String index = WantedFiles.index(names, kinds);
    if (index != null) bring(id, commit, subject, pick(listing, List.of(index)));
    List<String> weights =
        WantedFiles.weights(
            names, kinds, file -> shards(cache.snapshotOf(id, commit).folder(), file));
    if (weights.isEmpty())
      throw new HubException(
          Kind.FILE_NOT_FOUND,
          "%s has no weights that can be read here: no %s at its root%s"
              .formatted(subject, patterns(kinds), WantedFiles.otherWeights(names)));
    for (String name : weights)
      if (!names.contains(name))
        throw new HubException(
            Kind.FILE_NOT_FOUND, subject + " has no file " + name + ", which " + index + " names");
    bring(id, commit, subject, pick(listing, weights));
  }

  private static String patterns(List<WeightKind> kinds) {
    List<String> patterns = new ArrayList<>();
    for (WeightKind kind : kinds) patterns.add(kind.pattern());
    return String.join(", ", patterns);
  }

  private static List<RemoteFile> pick(RepoListing listing, List<String> names) {
    List<RemoteFile> files = new ArrayList<>();
    for (String name : names) files.add(listing.files().get(name));
    return files;
  }

  /** The shards that an index in a snapshot names. */
  static Set<String> shards(Path snapshot, String index) {
    Path file = snapshot.resolve(index);
    try {
      return RepoListing.shards(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new HubException(
          Kind.LOCAL, file + ": is not an index of shards: " + e.getMessage(), e);
    }
  }

  /** Downloads what is not here; several files at once, the first failure ends all. */
  private void bring(RepoId id, String commit, Subject subject, List<RemoteFile> wanted) {
    Map<String, RemoteFile> missing = new TreeMap<>();
    long bytes = 0;
    for (RemoteFile listed : wanted) {
      if (cache.has(id, commit, listed)) continue;
      boolean known = listed.etag() != null && listed.bytes() >= 0;
      RemoteFile file = known ? listed : client.described(new Subject(id, commit, null), listed);
      missing.put(file.path(), file);
      bytes += file.bytes();
    }
    if (missing.isEmpty()) return;
    listener.begin(id.text(), missing.size(), bytes);
    var done = new ExecutorCompletionService<Void>(threads);
    List<java.util.concurrent.Future<Void>> running = new ArrayList<>();
    try {
      for (RemoteFile file : missing.values())
        running.add(
            done.submit(
                () -> {
                  bring(id, commit, subject.file(file.path()), file);
                  return null;
                }));
      for (int i = 0; i < running.size(); i++) done.take().get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) throw cause;
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HubException(Kind.LOCAL, "interrupted while fetching " + subject, e);
    } finally {
      for (var file : running) file.cancel(true);
      listener.end();
    }
  }

  private void bring(RepoId id, String commit, Subject subject, RemoteFile file) {
    Path blob = cache.blob(id, file.etag());
    try (CacheLock _ =
        CacheLock.take(
            cache.lock(id, file.etag()),
            () -> listener.note("waiting for another process that fetches " + subject))) {
      if (Files.isRegularFile(blob) && Files.size(blob) == file.bytes()) {
        listener.bytes(file.bytes(), true);
      } else {
        new BlobDownload(
                client,
                subject,
                file,
                client.address(id, commit, file),
                blob,
                threads,
                permits,
                listener)
            .run();
      }
      cache.link(id, commit, file);
    } catch (IOException e) {
      throw HubErrors.disk(subject, e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    threads.close();
    client.close();
  }
}
