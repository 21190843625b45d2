# What `cmake --install` puts where. The program reads /etc/mailweir, whatever the prefix; a private prefix keeps its own etc.
if(CMAKE_INSTALL_PREFIX MATCHES "^/usr(/local)?/?$")
    set(etc /etc)
else()
    set(etc ${CMAKE_INSTALL_FULL_SYSCONFDIR})
endif()

configure_file(packaging/mailweir.service.in mailweir.service @ONLY)

install(TARGETS mailweir RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} PATTERN quickstart EXCLUDE)
install(FILES ${PROJECT_BINARY_DIR}/mailweir.service packaging/mailweir.socket DESTINATION lib/systemd/system)
install(FILES packaging/mailweir.logrotate DESTINATION ${etc}/logrotate.d RENAME mailweir)
install(FILES examples/postfix/mailweir.yaml DESTINATION ${etc}/mailweir RENAME postfix.yaml.example)
install(FILES examples/exim/mailweir.yaml DESTINATION ${etc}/mailweir RENAME exim.yaml.example)
