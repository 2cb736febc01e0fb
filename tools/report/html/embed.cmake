# Writes ${OUTPUT}, a C++ file that holds ${FILES} as text: what html_page.h declares.
# Run as: cmake -DOUTPUT=... -DFILES="a.html;b.js" -P embed.cmake
set(tables "")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" text)
  string(APPEND tables "    {\"${name}\", R\"~~blis~~(${text})~~blis~~\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"tools/report/html_page.h\"

namespace blis {
namespace {
constexpr PageFile kFiles[] = {
${tables}};
}  // namespace

std::span<const PageFile> page_files() {
  return kFiles;
}

}  // namespace blis
")
