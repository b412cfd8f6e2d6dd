package dev.quern.hub;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What the hub says about a repository at a revision: {@code /api/models/<id>/revision/<revision>}.
 *
 * @param commit what the revision stands for now
 * @param files by path; those whose hash the hub does not tell have a null etag
 */
record RepoListing(String commit, Map<String, RemoteFile> files) {
  static final int MAX_BYTES = 64 << 20;
  private static final int MAX_FILES = 100_000;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(100).build())
          .build();

  /**
   * @throws IOException when the text is not such an answer
   */
  static RepoListing parse(byte[] json) throws IOException {
    String commit = null;
    Map<String, RemoteFile> files = new LinkedHashMap<>();
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new IOException("not a JSON object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        parser.nextToken();
        if (field.equals("sha")) commit = parser.getValueAsString();
        else if (field.equals("siblings") && parser.currentToken() == JsonToken.START_ARRAY)
          while (parser.nextToken() != JsonToken.END_ARRAY) add(sibling(parser), files);
        else parser.skipChildren();
      }
    }
    if (commit == null || !HubCache.isCommit(commit)) throw new IOException("no commit hash");
    return new RepoListing(commit, files);
  }

  private static void add(RemoteFile file, Map<String, RemoteFile> files) throws IOException {
    if (files.size() == MAX_FILES) throw new IOException("more than " + MAX_FILES + " files");
    files.put(file.path(), file);
  }

  private static RemoteFile sibling(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) throw new IOException("a file's entry");
    String path = null;
    String etag = null;
    String sha256 = null;
    long bytes = -1;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "rfilename" -> path = parser.getValueAsString();
        case "blobId" -> etag = parser.getValueAsString();
        case "size" -> bytes = parser.getValueAsLong(-1);
        case "lfs" -> sha256 = lfs(parser);
        default -> parser.skipChildren();
      }
    }
    if (path == null || !RemoteFile.plainPath(path))
      throw new IOException("a file named '" + path + "'");
    if (sha256 != null) etag = sha256;
    if (etag != null && !RemoteFile.plainEtag(etag))
      throw new IOException("the hash '" + etag + "' of " + path);
    return new RemoteFile(path, bytes, etag);
  }

  private static String lfs(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) return null;
    String sha256 = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      parser.nextToken();
      if (field.equals("sha256")) sha256 = parser.getValueAsString();
      else parser.skipChildren();
    }
    return sha256;
  }

  /** The file names in the {@code weight_map} of an index of shards. */
  static Set<String> shards(byte[] index) throws IOException {
    Set<String> shards = new HashSet<>();
    try (JsonParser parser = JSON.createParser(index)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) throw new IOException("not a JSON object");
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (!field.equals("weight_map") || value != JsonToken.START_OBJECT) {
          parser.skipChildren();
          continue;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          if (parser.nextToken() != JsonToken.VALUE_STRING
              || !RemoteFile.plainPath(parser.getText())
              || parser.getText().contains("/"))
            throw new IOException("weight_map names no plain file for a tensor");
          shards.add(parser.getText());
        }
      }
    }
    if (shards.isEmpty()) throw new IOException("no weight_map");
    return shards;
  }
}
