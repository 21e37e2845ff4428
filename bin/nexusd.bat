@echo off
rem The daemon. In a source tree it builds the jar when that is missing. NEXUSD_JAVA_OPTS is passed to the JVM, NEXUSD_JAR names another jar.
setlocal
set "jar=%~dp0nexusd.jar"
if not exist "%jar%" set "jar=%~dp0..\target\nexusd.jar"
if defined NEXUSD_JAR set "jar=%NEXUSD_JAR%"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if not exist "%jar%" (
  echo nexusd: %jar% is missing; building it 1>&2
  call mvn -B -q -ntp -f "%~dp0..\pom.xml" -DskipTests package 1>&2 || exit /b 1
)
"%java%" -Dfile.encoding=UTF-8 %NEXUSD_JAVA_OPTS% -jar "%jar%" %*
exit /b %ERRORLEVEL%
