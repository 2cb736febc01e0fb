# The library as one archive, with its headers and what find_package(blis) reads. Everything that include/blis
# names is in it; the command line, the scoreboard and the schedule vectors are not.
set(library_rooms sim sim_kv sim_vllm sim_fleet roofline workloads scenarios tools_output tools_simulate
  tools_report tools_study_compare tools_library)
list(TRANSFORM library_rooms REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE library_objects)
add_library(blis_library STATIC ${library_objects})
set_target_properties(blis_library PROPERTIES OUTPUT_NAME blis EXPORT_NAME blis LINKER_LANGUAGE CXX)
target_compile_features(blis_library INTERFACE cxx_std_20)
target_include_directories(blis_library INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(blis_library INTERFACE fmt::fmt yaml-cpp::yaml-cpp simdjson::simdjson ZLIB::ZLIB
  PkgConfig::ZSTD Threads::Threads)
add_library(blis::blis ALIAS blis_library)

include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/blis)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/blis-config.cmake.in ${PROJECT_BINARY_DIR}/blis-config.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/blis-config-version.cmake COMPATIBILITY SameMinorVersion)
install(TARGETS blis_library EXPORT blis ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT blis NAMESPACE blis:: FILE blis-targets.cmake DESTINATION ${package_folder})
install(FILES ${PROJECT_BINARY_DIR}/blis-config.cmake ${PROJECT_BINARY_DIR}/blis-config-version.cmake
  DESTINATION ${package_folder})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/blis DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
