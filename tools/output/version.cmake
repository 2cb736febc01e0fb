# What `blis version --json` says: nothing of when and where, so that equal sources give equal bytes.
set(BLIS_COMMIT "" CACHE STRING "The commit this is built from; empty: as git says, where this is a clone")
set(commit "${BLIS_COMMIT}")
if(NOT commit)
  execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} describe --always --dirty --abbrev=40 --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
set(libraries "boost ${Boost_VERSION_STRING},fmt ${fmt_VERSION},nlohmann_json ${nlohmann_json_VERSION}")
string(APPEND libraries ",simdjson ${simdjson_VERSION},yaml-cpp ${yaml-cpp_VERSION},zlib ${ZLIB_VERSION_STRING}")
string(APPEND libraries ",zstd ${ZSTD_VERSION}")
set_source_files_properties(tools/output/version.cpp PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON COMPILE_DEFINITIONS
  "BLIS_VERSION=\"${PROJECT_VERSION}\";BLIS_COMMIT=\"${commit}\";BLIS_BUILD_TYPE=\"${CMAKE_BUILD_TYPE}\";BLIS_COMPILER=\"${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}\";BLIS_LIBRARIES=\"${libraries}\"")
