# Sets jdk to the home of a JDK of the needed version or newer, for ./quern and ./mvnw; returns 1 when there is none.
# It reads the release files and starts no JVM. Looked at in this order: QUERN_JAVA_HOME, JAVA_HOME, PATH, the usual
# folders.

jdk_version=25

is_jdk() {
  [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  while IFS= read -r jdk_line; do
    case $jdk_line in
      JAVA_VERSION=\"*)
        jdk_line=${jdk_line#JAVA_VERSION=\"}
        jdk_line=${jdk_line%%[!0-9]*}
        [ "${jdk_line:-0}" -ge $jdk_version ]
        return
        ;;
    esac
  done <"$1/release"
  return 1
}

jdk_on_path() {
  for jdk_tool in javac java; do
    jdk=$(command -v $jdk_tool 2>/dev/null) || continue
    jdk=$(readlink -f "$jdk" 2>/dev/null || echo "$jdk")
    jdk=${jdk%/bin/*}
    is_jdk "$jdk" && return
  done
  return 1
}

find_jdk() {
  for jdk in "${QUERN_JAVA_HOME:-}" "${JAVA_HOME:-}"; do
    [ -n "$jdk" ] && is_jdk "$jdk" && return
  done
  jdk_on_path && return
  for jdk in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/*jdk* "${HOME:-/}"/.sdkman/candidates/java/* \
    "${HOME:-/}"/.jdks/* "${HOME:-/}"/.local/share/mise/installs/java/* "${HOME:-/}"/.asdf/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    is_jdk "$jdk" && return
  done
  jdk=
  return 1
}

no_jdk() {
  echo "quern: needs a JDK $jdk_version or newer; there is none in QUERN_JAVA_HOME, JAVA_HOME, PATH or the usual folders." >&2
  if command -v apt-get >/dev/null 2>&1; then
    echo "quern: install one: sudo apt-get install -y temurin-$jdk_version-jdk (its packages: https://adoptium.net/installation/linux)" >&2
  elif command -v dnf >/dev/null 2>&1; then
    echo "quern: install one: sudo dnf install -y java-$jdk_version-openjdk-devel" >&2
  elif command -v brew >/dev/null 2>&1; then
    echo "quern: install one: brew install openjdk@$jdk_version" >&2
  else
    echo "quern: install one: https://adoptium.net/temurin/releases/?version=$jdk_version" >&2
  fi
}
