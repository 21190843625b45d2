# The manual pages, by the program itself: `mailweir config reference PAGE --man` (proxy/reference/). And tools for shells and editors.
function(mailweir_generate file)
    add_custom_command(
        OUTPUT ${PROJECT_BINARY_DIR}/${file}
        COMMAND mailweir config ${ARGN} > ${PROJECT_BINARY_DIR}/${file}
        DEPENDS mailweir
        COMMENT "Generating ${file}")
    set(generated ${generated} ${PROJECT_BINARY_DIR}/${file} PARENT_SCOPE)
endfunction()

mailweir_generate(mailweir.8 reference commands --man)
mailweir_generate(mailweir.yaml.5 reference configuration --man)
mailweir_generate(mailweir-policy.5 reference policy --man)
mailweir_generate(mailweir.schema.json schema)
mailweir_generate(mailweir.bash completion)
add_custom_target(reference ALL DEPENDS ${generated})

install(FILES ${PROJECT_BINARY_DIR}/mailweir.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${PROJECT_BINARY_DIR}/mailweir.yaml.5 ${PROJECT_BINARY_DIR}/mailweir-policy.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${PROJECT_BINARY_DIR}/mailweir.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/mailweir)
install(FILES ${PROJECT_BINARY_DIR}/mailweir.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME mailweir)

# Writes the committed pages again; tests/reference compares them with what the program prints.
add_custom_target(write-reference
    COMMAND mailweir config reference configuration > ${PROJECT_SOURCE_DIR}/docs/configuration.md
    COMMAND mailweir config reference policy > ${PROJECT_SOURCE_DIR}/docs/policy-words.md
    COMMAND mailweir config reference commands > ${PROJECT_SOURCE_DIR}/docs/commands.md)
