# The page that `blis report` writes: styles and scripts go into it in this order.
set(page_files page.html style.css
  dom.js format.js scale.js plot.js charts.js tables.js pickers.js beside.js replicas.js run_page.js
  compare_page.js point_page.js main.js)
list(TRANSFORM page_files PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp
  COMMAND ${CMAKE_COMMAND} -DOUTPUT=${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp "-DFILES=${page_files}"
          -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
  DEPENDS ${page_files} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake VERBATIM)
target_sources(tools_report PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/page_files.cpp)
