@echo off
rem The command line client: "nexusd cli", started fast. NEXUSD_JAVA_OPTS is passed to the JVM, NEXUSD_JAR names another jar.
setlocal
set "jar=%~dp0nexusd.jar"
if not exist "%jar%" set "jar=%~dp0..\target\nexusd.jar"
if defined NEXUSD_JAR set "jar=%NEXUSD_JAR%"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if not exist "%jar%" (
  echo nexusd-cli: %jar% is missing; build it with mvn -DskipTests package, or name it in NEXUSD_JAR 1>&2
  exit /b 1
)
"%java%" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -Xmx256m -Dfile.encoding=UTF-8 %NEXUSD_JAVA_OPTS% -jar "%jar%" cli %*
exit /b %ERRORLEVEL%
