# Packages of the program: `cpack --config build/release/CPackConfig.cmake -B FOLDER` makes the .deb.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME blis-simulator)  # Debian's blis is a library of linear algebra
set(CPACK_PACKAGE_CONTACT "BLIS maintainers <maintainers@blis-simulator.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "simulator of LLM inference serving (vLLM)")
set(CPACK_PACKAGE_DESCRIPTION "Predicts what a model, on given GPUs, with given vLLM settings, does with given
traffic: throughput, time to first token, time per output token, and why.
It replays traces through an event-driven model of vLLM's scheduler, and
prices every step with a roofline of the model on the hardware.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};blis;program;/")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)
include(CPack)
