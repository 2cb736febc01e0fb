#include "scenarios/document.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "sim/utf8.h"

namespace blis {

const Node* Node::find(std::string_view wanted) const {
  if (kind != Kind::map) return nullptr;
  const auto found = std::ranges::find(children, wanted, &Node::key);
  return found == children.end() ? nullptr : &*found;
}

Place value_place(const Document& document, const Node& node) {
  return {document.sources[node.source], node.line, node.column};
}

Place key_place(const Document& document, const Node& node) {
  if (node.key_line == 0) return value_place(document, node);
  return {document.sources[node.source], node.key_line, node.key_column};
}

void require_utf8(std::string_view text, const std::string& name) {
  std::int64_t line = 1;
  std::size_t line_start = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\n') {
      ++line;
      line_start = i + 1;
    }
    const Utf8Character character = first_character(text.substr(i));
    if (!character.valid) {
      throw InputError(ErrorKind::usage,
                       {.place = {name, line, static_cast<std::int64_t>(i - line_start) + 1},
                        .message = "not a text file",
                        .expected = "UTF-8",
                        .got = fmt::format("the byte 0x{:02x}", byte)});
    }
    i += character.bytes;
  }
}

void check_duplicates(Document& document, const Node& map) {
  std::vector<const Node*> by_key(map.children.size());
  std::ranges::transform(map.children, by_key.begin(), [](const Node& child) { return &child; });
  std::ranges::stable_sort(by_key, {}, [](const Node* child) { return std::string_view(child->key); });
  for (std::size_t i = 1; i < by_key.size(); ++i) {
    if (by_key[i]->key != by_key[i - 1]->key) continue;
    document.problems.push_back(
        {.place = key_place(document, *by_key[i]),
         .message = fmt::format("duplicate key `{}`", by_key[i]->key),
         .expected = "each key once",
         .got = fmt::format("the same key again, first at line {}", by_key[i - 1]->key_line),
         .hint = "remove one of the two"});
  }
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

std::size_t read_bytes(std::FILE* file, std::span<char> buffer) {
  std::size_t read = 0;
  do {
    std::clearerr(file);  // of a signal amid the last read
    read += std::fread(buffer.data() + read, 1, buffer.size() - read, file);
  } while (std::ferror(file) && errno == EINTR);
  return read;
}

std::string read_file(const std::string& path, std::string_view what) {
  const auto fail = [&](std::string_view why, std::string hint = {}) {
    throw InputError(ErrorKind::io, {.place = {path},
                                     .message = fmt::format("cannot read the {}", what),
                                     .expected = "a readable file",
                                     .got = std::string(why),
                                     .hint = std::move(hint)});
  };
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    fail(std::strerror(errno), errno == ENOENT ? "check the path; it is taken as given" : "");
  }
  if (S_ISDIR(info.st_mode)) fail("a directory", "name a file in it");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) fail(std::strerror(errno));
  std::string text;
  char buffer[1 << 14];
  while (const std::size_t count = read_bytes(file.get(), buffer)) {
    text.append(buffer, count);
    if (text.size() > kMaxJsonBytes) fail(fmt::format("more than {} MiB", kMaxJsonBytes >> 20));
  }
  if (std::ferror(file.get())) fail(std::strerror(errno));
  return text;
}

}  // namespace blis
