# Writes ${OUTPUT}, a C++ file that holds ${FILES} as text, and the hash by which the page allows its script and no other: what
# html_page.h declares.
# Run as: cmake -DOUTPUT=... -DFILES="a.html;b.js" -P embed.cmake

cmake_policy(VERSION 3.25)

# Sets ${result} to the base64 of bytes that are given as hexadecimal digits, as many as a SHA-256 has.
function(base64_of_sha256 hex result)
  set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(padded "${hex}00")  # 33 bytes, of which the last is padding
  set(text "")
  foreach(at RANGE 0 60 6)
    string(SUBSTRING "${padded}" ${at} 6 three_bytes)
    foreach(shift 18 12 6 0)
      math(EXPR index "(0x${three_bytes} >> ${shift}) & 63")
      string(SUBSTRING "${alphabet}" ${index} 1 letter)
      string(APPEND text "${letter}")
    endforeach()
  endforeach()
  string(REGEX REPLACE "A$" "=" text "${text}")
  set(${result} "${text}" PARENT_SCOPE)
endfunction()

set(tables "")
set(scripts "")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" text)
  if(name MATCHES "\\.js$")
    string(APPEND scripts "${text}")
  elseif(name STREQUAL "page.html")
    set(page "${text}")
  endif()
  string(APPEND tables "    {\"${name}\", R\"~~blis~~(${text})~~blis~~\"},\n")
endforeach()

# What stands between the tags of the page's own script, to the byte.
string(REGEX MATCH "<script>.*</script>" script "${page}")
string(REGEX REPLACE "^<script>|</script>$" "" script "${script}")
string(REPLACE "@script@" "${scripts}" script "${script}")
string(SHA256 hash "${script}")
base64_of_sha256(${hash} hash)

file(WRITE "${OUTPUT}" "#include \"tools/report/html_page.h\"

namespace blis {
namespace {
constexpr PageFile kFiles[] = {
${tables}};
}  // namespace

std::span<const PageFile> page_files() {
  return kFiles;
}

std::string_view page_script_hash() {
  return \"sha256-${hash}\";
}

}  // namespace blis
")
